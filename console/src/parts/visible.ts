/** Line ends, or characters that are not seen or change how others are read. */
const unseen = /\r\n|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Text of others with every character that is not seen, or that turns what stands around it, replaced by one that is seen.
 * @param keep Whether line ends and tabs are the text's own.
 */
export function visible(text: string, keep: "nothing" | "lines" = "nothing"): string {
  return text.replace(unseen, (found) => {
    if (keep === "lines" && (found === "\n" || found === "\r\n")) return "\n";
    return keep === "lines" && found === "\t" ? found : "\ufffd";
  });
}
