/** Whether a participant of this alias, joined from the left, is active in a role. */
const isActive = (alias: string, role: string): string =>
  `(${alias}.id IS NOT NULL AND ${alias}.suspended_at IS NULL AND '${role}' = ANY(${alias}.roles))`;

/**
 * SQL for the status of an agreement `a` at a time, as `AgreementRegistry.status` derives it: over its assigner `r`, assignee `e` and
 * dataset `d`.
 * @param now SQL for unix seconds.
 */
export const statusAt = (now: string): string => `CASE
  WHEN a.terminated_at IS NOT NULL THEN 'Terminated'
  WHEN ${now} >= a.valid_until THEN 'Expired'
  WHEN a.suspended_by_assigner_at IS NOT NULL OR a.suspended_by_assignee_at IS NOT NULL
    OR a.suspended_by_regulator_at IS NOT NULL OR NOT ${isActive("r", "Hospital")} OR NOT ${isActive("e", "Consumer")}
    OR d.id IS NULL OR d.suspended_by_holder_at IS NOT NULL OR d.suspended_by_regulator_at IS NOT NULL
    OR d.retired_at IS NOT NULL OR d.description_hash <> a.terms->>'description' THEN 'Suspended'
  WHEN a.finalized_at IS NULL THEN 'Offered'
  WHEN ${now} < a.valid_from THEN 'Scheduled'
  ELSE 'InForce' END`;

/** SQL for what the facts of a dataset `d` amount to. */
export const datasetStatus = `CASE
  WHEN d.retired_at IS NOT NULL THEN 'Retired'
  WHEN d.suspended_by_holder_at IS NOT NULL OR d.suspended_by_regulator_at IS NOT NULL THEN 'Suspended'
  ELSE 'Active' END`;
