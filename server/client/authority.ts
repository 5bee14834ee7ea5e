import { readEvents } from "../chain/events.ts";
import { interfaces } from "../chain/interfaces.ts";
import type { Space } from "../chain/space.ts";
import type { Address, Hash } from "../domain/ids.ts";

/** Names of the roles, by their number in the contract `Authority`. */
export const authorityRoles = ["admin", "regulator", "recovery"] as const;
export type AuthorityRole = (typeof authorityRoles)[number];

/** An account's role and its seconds between announcing and doing. */
export type Holder = { readonly role: AuthorityRole; readonly account: Address; readonly delay: number };

/** An act that was announced on chain and neither done nor canceled; it can be done from `from` (unix time) on, for a week. */
export type Announced = {
  readonly operation: Hash;
  readonly caller: Address;
  readonly target: Address;
  readonly data: string;
  readonly from: number;
  /** Such as `recoverKey(0x…, 0x…)`. */
  readonly call: string;
};

/** Lists who holds which role. */
export async function listHolders(space: Space): Promise<Holder[]> {
  const holders = new Map<string, Holder>();
  for (const { name, args } of await readEvents(space, "Authority")) {
    const role = authorityRoles[Number(args.roleId ?? -1)];
    if (role === undefined) continue;
    const account = args.account?.toLowerCase() as Address;
    const key = `${role} ${account}`;
    if (name === "RoleGranted") holders.set(key, { role, account, delay: Number(args.delay) });
    if (name === "RoleRevoked") holders.delete(key);
  }
  return [...holders.values()];
}

/** Lists what is announced and still to come. */
export async function listAnnounced(space: Space): Promise<Announced[]> {
  const open = new Map<string, Announced>();
  for (const { name, args } of await readEvents(space, "Authority")) {
    if (name === "OperationScheduled") open.set(args.operationId, announcedOf(args));
    if (name === "OperationExecuted" || name === "OperationCanceled") open.delete(args.operationId);
  }
  return [...open.values()];
}

function announcedOf(args: Awaited<ReturnType<typeof readEvents>>[number]["args"]): Announced {
  const { operationId, caller, target, data, schedule } = args;
  const [parsed] = Object.values(interfaces).flatMap((contract) => contract.parseTransaction({ data }) ?? []);
  const call = parsed === undefined ? data : `${parsed.name}(${parsed.args.map(String).join(", ")})`;
  return { operation: operationId, caller: caller.toLowerCase(), target, data, from: Number(schedule), call };
}
