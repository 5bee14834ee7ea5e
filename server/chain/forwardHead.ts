import type { ReadHead } from "./head.ts";

/** Thrown when a node shows an older block as its newest than it did before. */
export class HeadBehind extends Error {
  override readonly name = "HeadBehind";
  constructor(number: number, seen: number) {
    super(
      `the node shows block ${number} as its newest and has shown block ${seen} before: it lags, or has lost blocks`,
    );
  }
}

/** Makes a reader that never goes back: under an older block, what has been stopped since would still be permitted. */
export function createForwardHeadReader(readHead: ReadHead): ReadHead {
  let seen = 0;
  return async () => {
    const head = await readHead();
    if (head.number < seen) throw new HeadBehind(head.number, seen);
    seen = head.number;
    return head;
  };
}
