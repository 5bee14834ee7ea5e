/** Stands in terms for no agreement that is replaced. */
export const zeroId = `0x${"0".repeat(64)}` as const;
