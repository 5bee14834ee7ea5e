import type { AgreementId } from "../domain/ids.ts";

/** Counts the uses that the chain does not know yet, so that `maxUses` holds under parallel requests. */
export type Quota = {
  /**
   * Sets one use aside while its query runs, and returns how to let it go once its entry is counted or it came to nothing.
   * Undefined if none is left. `usesLeft` and `logSize` must stem from the same block.
   */
  readonly reserve: (lineage: AgreementId, usesLeft: bigint, logSize: number) => (() => void) | undefined;
  /** Counts a use that stands in the journal. Indices arrive in order. */
  readonly count: (lineage: AgreementId, index: number) => void;
};

type Uses = { running: number; readonly indices: number[] };

export function createQuota(): Quota {
  const all = new Map<AgreementId, Uses>();
  const usesOf = (lineage: AgreementId): Uses => {
    const found = all.get(lineage) ?? { running: 0, indices: [] };
    all.set(lineage, found);
    return found;
  };
  return Object.freeze<Quota>({
    count: (lineage, index) => {
      usesOf(lineage).indices.push(index);
    },
    reserve: (lineage, usesLeft, logSize) => {
      const uses = usesOf(lineage);
      const pending = uses.running + uses.indices.length - countBelow(uses.indices, logSize);
      if (BigInt(pending) >= usesLeft) return undefined;
      uses.running += 1;
      return () => {
        uses.running -= 1;
      };
    },
  });
}

/** How many of the ascending numbers are below the limit. */
function countBelow(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? limit) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
