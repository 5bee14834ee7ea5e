import { Link } from "wouter";
import type { Named as NamedThing } from "../../../server/api/page.ts";
import { short } from "./short.ts";
import { Told } from "./Told.tsx";

type Kind = "participants" | "datasets";

/** A participant or dataset by its name, with a way to its page. */
export function Named({ of: { id, name }, kind }: { readonly of: NamedThing; readonly kind: Kind }) {
  return (
    <Link href={`/${kind}/${id}`} title={id}>
      {name === "" ? short(id) : <Told of={name} />}
    </Link>
  );
}
