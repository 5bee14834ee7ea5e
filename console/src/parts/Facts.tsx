import type { ReactNode } from "react";
import { orDash } from "./blank.ts";

type Props = { readonly of: readonly (readonly [name: string, value: ReactNode] | false)[] };

/** Names and values, one pair a line; a pair that is false is left out. */
export function Facts({ of: facts }: Props) {
  return (
    <dl className="facts">
      {facts
        .filter((fact) => fact !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{orDash(value)}</dd>
          </div>
        ))}
    </dl>
  );
}
