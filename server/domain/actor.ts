import type { Address, Hash, ParticipantId } from "./ids.ts";
import type { Role } from "./roles.ts";

/** Who asks, as the chain knows the key at one block. */
export type Actor = {
  readonly participant: ParticipantId;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly key: Address;
  /** Whether the key is one that the participant lets act for it, not its own. */
  readonly isDelegate: boolean;
  /** The block under which the chain was asked. */
  readonly block: { readonly number: number; readonly hash: Hash };
};
