/** A name in lower case, with `_` for all but letters, digits and `_`. */
export function plainTableName(text: string): string {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_]+/gu, "_")
    .replace(/^(?=\p{N})/u, "t_");
}
