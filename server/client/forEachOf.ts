/** Enough to keep a node busy, few enough that none waits beyond its time. */
const mostAtOnce = 8;

/** Asks for each of a list, a few at once; the answers come in the order of the list. */
export async function forEachOf<T, U>(items: readonly T[], ask: (item: T) => Promise<U>): Promise<U[]> {
  const answers = new Array<U>(items.length);
  const left = items.entries();
  const work = async (): Promise<void> => {
    for (const [i, item] of left) answers[i] = await ask(item);
  };
  await Promise.all(Array.from({ length: Math.min(mostAtOnce, items.length) }, work));
  return answers;
}
