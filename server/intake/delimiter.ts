import { DelimiterUnknown } from "./fileErrors.ts";

const named: Readonly<Record<string, string>> = { comma: ",", semicolon: ";", tab: "\t", pipe: "|", "\\t": "\t" };
const detected = [",", ";", "\t"] as const;

/** Turns the option, a name or the character itself, into the delimiter. */
export function parseDelimiter(option: string): string {
  const delimiter = named[option] ?? option;
  if (!Object.values(named).includes(delimiter)) throw new DelimiterUnknown(option);
  return delimiter;
}

/** Picks, from the start of a file, the delimiter that stands most often in the header outside quotes; comma if there is none. */
export function detectDelimiter(text: string): string {
  const header = unquotedHeader(text);
  const counted = detected.map((delimiter) => ({ delimiter, count: header.split(delimiter).length - 1 }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

function unquotedHeader(text: string): string {
  let quoted = false;
  let header = "";
  for (const character of text.trimStart()) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === "\n" || character === "\r")) break;
    else if (!quoted) header += character;
  }
  return header;
}
