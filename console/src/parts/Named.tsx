import { Link } from "wouter";
import type { Named as NamedThing } from "../../../server/api/page.ts";
import { Told } from "./Told.tsx";

type Kind = "participants" | "datasets";

/** A participant or dataset by its name, with a way to its page. */
export function Named({ of: { id, name }, kind }: { readonly of: NamedThing; readonly kind: Kind }) {
  return (
    <Link href={`/${kind}/${id}`} title={id}>
      {name === "" ? id.slice(0, 10) : <Told of={name} />}
    </Link>
  );
}
