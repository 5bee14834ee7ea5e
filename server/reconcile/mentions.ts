/** A relation that holds governed data, or shows it. A function that reads one counts too. */
export type GovernedName = { readonly schema: string; readonly name: string };

/**
 * The governed names that a text of SQL mentions, anywhere: in quotes, in the body of a function, in a comment, in a string that may be
 * executed. Whatever the statement does with it, it is told; what a name outside this list reads in turn, a log cannot tell.
 */
export function mentions(text: string, names: readonly GovernedName[]): readonly string[] {
  const words = new Set<string>();
  for (const [, quoted, plain] of text.matchAll(/"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*)/gu)) {
    if (quoted !== undefined) words.add(quoted.replaceAll('""', '"'));
    if (quoted !== undefined)
      for (const word of quoted.match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []) words.add(word.toLowerCase());
    if (plain !== undefined) words.add(plain.toLowerCase());
  }
  return names.filter(({ name }) => words.has(name)).map(({ schema, name }) => `${schema}.${name}`);
}
