import type { FieldType } from "../domain/dataset.ts";
import type { Value } from "./compile.ts";

/** Turns PostgreSQL's text into the value that leaves. */
export function finishValue(type: FieldType, text: string | null): Value {
  if (text === null) return null;
  return forms[type](text);
}

const same = (text: string): Value => text;

const forms: { readonly [T in FieldType]: (text: string) => Value } = {
  Text: same,
  Integer: same,
  Decimal: same,
  Boolean: (text) => text === "t" || text === "true",
  Date: same,
  Timestamp: (text) =>
    `${text.replace(/\.?0{1,6}$/, (zeros) => (zeros.startsWith(".") ? "" : text.includes(".") ? "" : zeros))}Z`,
};
