import type { Rules } from "../../server/client/datasets.ts";
import { disclosures } from "../../server/domain/terms.ts";
import type { Profiled } from "../../server/intake/inspect.ts";
import type { Proposal } from "../../server/intake/propose.ts";
import { confirm } from "./confirm.ts";
import { inert, printTable } from "./print.ts";
import { mostOf, readCount, readOne } from "./read.ts";

export type RuleOptions = {
  readonly purpose: readonly string[];
  readonly maxDisclosure: string;
  readonly minCohort: string;
  readonly approvals: string;
};

/** What the holder permits at most. */
export function readRules(options: RuleOptions): Rules {
  return {
    purposes: options.purpose,
    maxDisclosure: readOne("max-disclosure", options.maxDisclosure, disclosures),
    minCohort: Number(readCount("min-cohort", options.minCohort, mostOf(32))),
    approvals: Number(readCount("approvals", options.approvals, mostOf(8))),
  };
}

/** Shows how the tables will be governed, and why. */
export function printProposal({ tables, joins, notes }: Proposal<Profiled>): void {
  const rows = tables.flatMap(({ table, columns }) =>
    columns.map((column) => [inert(`${table}.${column.name}`), column.fieldType, column.level, inert(column.reason)]),
  );
  printTable(["field", "type", "level", "why"], rows);
  console.log("");
  const keys = tables.map(({ table, patientKey }) => [table, inert(patientKey.column) || "none", patientKey.reason]);
  printTable(["table", "patient key", "why"], keys);
  console.log("");
  if (joins.length > 0) {
    const ends = joins.map(({ left, right, reason }) => [
      inert(`${left.table}.${left.column}`),
      inert(`${right.table}.${right.column}`),
      reason,
    ]);
    printTable(["join", "with", "why"], ends);
    console.log("");
  }
  for (const note of notes) console.log(inert(note));
}

/** Asks whether what is proposed may be done. */
export function confirmProposal(ask: string, refused: string, yes: boolean | undefined): Promise<void> {
  const unattended = "look at the proposal above, correct it with --level and --drop, then add --yes.";
  return confirm({ ask, refused, unattended }, yes);
}
