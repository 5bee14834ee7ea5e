/** Order is that of the Solidity enum `Role`. */
export const roles = ["Hospital", "Consumer", "Regulator", "Gateway"] as const;
export type Role = (typeof roles)[number];
