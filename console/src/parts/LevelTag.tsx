import type { ComponentProps } from "react";
import type { FieldLevel } from "../../../server/domain/dataset.ts";
import { useText } from "../language/language.tsx";
import { Badge } from "./Badge.tsx";

const tones: Readonly<Record<FieldLevel, NonNullable<ComponentProps<typeof Badge>["tone"]>>> = {
  Neutral: "quiet",
  Quasi: "warn",
  Sensitive: "warn",
  Linking: "alarm",
  Direct: "alarm",
};

/** How close a field comes to a person; those that come close stand out. */
export function LevelTag({ of: level }: { readonly of: FieldLevel }) {
  return <Badge tone={tones[level]}>{useText()(`level.${level}`)}</Badge>;
}
