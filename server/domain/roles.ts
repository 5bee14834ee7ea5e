/** Order is that of the Solidity enum `Role`. */
export const roles = ["Hospital", "Consumer", "Regulator", "Gateway"] as const;
export type Role = (typeof roles)[number];

/** The roles of a set as the contracts hold it: bit `1 << role`. */
export function rolesOf(set: number): readonly Role[] {
  return roles.filter((_, bit) => (set >> bit) % 2 === 1);
}
