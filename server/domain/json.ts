/** Reads JSON; undefined for what is none, so that a schema refuses both alike. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
