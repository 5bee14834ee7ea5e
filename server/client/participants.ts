import type { Wallet } from "ethers";
import { readEvents } from "../chain/events.ts";
import type { Space } from "../chain/space.ts";
import { zeroHash } from "../domain/hash.ts";
import type { Address, ParticipantId } from "../domain/ids.ts";
import { type Role, roles, rolesOf } from "../domain/roles.ts";
import { type Governed, govern } from "./govern.ts";

export type Participant = {
  readonly id: ParticipantId;
  readonly registrationNumber: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** For which hospital a gateway acts. */
  readonly hospital: ParticipantId | undefined;
  readonly key: Address;
  readonly suspended: boolean;
};

export type Admission = Pick<Participant, "registrationNumber" | "name" | "roles" | "hospital" | "key">;

/** Admits a party, a gateway or a regulator; a regulator only after the authority's delay. */
export function admit(space: Space, by: Wallet, admission: Admission): Promise<Governed> {
  const { registrationNumber, name, hospital, key } = admission;
  if (admission.roles.join() === "Regulator")
    return govern(space, by, "ParticipantRegistry", "appoint", [registrationNumber, name, key]);
  const set = admission.roles.reduce((bits, role) => bits | (1 << roles.indexOf(role)), 0);
  const args = [registrationNumber, name, set, hospital ?? zeroHash, key];
  return govern(space, by, "ParticipantRegistry", "admit", args);
}

/** Lists all participants with their present keys, in order of admission. */
export async function listParticipants(space: Space): Promise<Participant[]> {
  const found = new Map<string, Participant>();
  for (const { name, args } of await readEvents(space, "ParticipantRegistry")) {
    const known = found.get(args.id);
    if (name === "ParticipantAdmitted") found.set(args.id, fromAdmission(args));
    else if (known !== undefined) found.set(args.id, { ...known, ...changes[name]?.(args) });
  }
  return [...found.values()];
}

type Arguments = Awaited<ReturnType<typeof readEvents>>[number]["args"];

const changes: Readonly<Record<string, (args: Arguments) => Partial<Participant>>> = {
  ParticipantSuspended: () => ({ suspended: true }),
  ParticipantReinstated: () => ({ suspended: false }),
  KeyRotated: (args) => ({ key: args.current.toLowerCase() }),
};

function fromAdmission(args: Arguments): Participant {
  return {
    id: args.id,
    registrationNumber: args.registrationNumber,
    name: args.name,
    roles: rolesOf(Number(args.roles)),
    hospital: args.hospital === zeroHash ? undefined : args.hospital,
    key: args.key.toLowerCase(),
    suspended: false,
  };
}
