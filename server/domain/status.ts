/** Order is that of the Solidity enum `Status`. */
export const statuses = ["Unknown", "Offered", "Scheduled", "InForce", "Suspended", "Expired", "Terminated"] as const;
export type Status = (typeof statuses)[number];

/** What a dataset's facts amount to. */
export const datasetStatuses = ["Active", "Suspended", "Retired"] as const;
export type DatasetStatus = (typeof datasetStatuses)[number];
