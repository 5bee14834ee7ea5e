import type { Actor } from "../domain/actor.ts";
import type { ParticipantId } from "../domain/ids.ts";
import type { Condition } from "../readmodel/page.ts";

/** Whose log this is. */
export type Here = { readonly gateway: ParticipantId; readonly hospital: ParticipantId };

/** Whether a participant may see every entry of this log: the hospital whose data it is about, and every regulator. */
export function seesAll({ participant, roles }: Pick<Actor, "participant" | "roles">, { hospital }: Here): boolean {
  return roles.includes("Regulator") || participant === hospital;
}

/** SQL for the keys, past ones too, that act for a participant; `$` stands for its id. */
export const keysOf = "SELECT k->>'key' FROM datapact.participant, jsonb_array_elements(keys) k WHERE id = $";

/** The condition on facets `f` under which entries concern a participant; undefined if all do. */
export function scopeOf(actor: Actor, here: Here): Condition | undefined {
  if (seesAll(actor, here)) return undefined;
  return { sql: `f.signer IN (${keysOf})`, value: actor.participant };
}
