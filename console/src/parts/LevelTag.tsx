import { Tag } from "antd";
import type { FieldLevel } from "../../../server/domain/dataset.ts";
import { useText } from "../language/language.tsx";

const colors: Readonly<Record<FieldLevel, string>> = {
  Neutral: "default",
  Quasi: "gold",
  Sensitive: "orange",
  Linking: "magenta",
  Direct: "red",
};

/** How close a field comes to a person; those that come close stand out. */
export function LevelTag({ of: level }: { readonly of: FieldLevel }) {
  const tell = useText();
  const standsOut = level === "Direct" || level === "Linking";
  return (
    <Tag color={colors[level]} variant={standsOut ? "solid" : "filled"}>
      {tell(`level.${level}`)}
    </Tag>
  );
}
