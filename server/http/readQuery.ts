/** Thrown for a query that cannot be read in one way only; the message says why. */
export class QueryUnreadable extends Error {
  override readonly name = "QueryUnreadable";
}

/** Reads the query of a URL. Names must stand once and everything be UTF-8, so that there is one way to read it. */
export function readQuery(url: string): Readonly<Record<string, string>> {
  const [, query = ""] = /\?([^#]*)/.exec(url) ?? [];
  const members = new Map<string, string>();
  for (const part of query.split("&").filter((found) => found !== "")) {
    const [name = "", ...value] = part.split("=").map(decode);
    if (members.has(name)) throw new QueryUnreadable("The query names a member twice.");
    members.set(name, value.join("="));
  }
  return Object.fromEntries(members);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new QueryUnreadable("The query is not UTF-8.");
  }
}
