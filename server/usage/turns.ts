/** Lets work run by turns: so many at once in all, and so many of one party. */
export type Turns = {
  /** Runs the work once it is the party's turn. Rejects with `TooManyRequests` if too many of the party wait already. */
  readonly take: <T>(party: string, work: () => Promise<T>) => Promise<T>;
};

/** Thrown for a request that comes too soon after others of its kind. It is not answered, and not recorded. */
export class TooManyRequests extends Error {
  override readonly name = "TooManyRequests";
  /** Whole seconds after which another try makes sense. */
  readonly retryAfter: number;
  constructor(retryAfter: number) {
    super("too many requests at once");
    this.retryAfter = retryAfter;
  }
}

type Line = { running: number; readonly waiting: (() => void)[] };

/**
 * Makes the turns. One party may take half of what runs at once, so that another always finds room; parties that wait are served in the
 * order of who runs least.
 * @param most How many run at once, 2 at least.
 * @param mostWaiting How many of one party may wait.
 */
export function createTurns(most: number, mostWaiting: number): Turns {
  const share = Math.ceil(most / 2);
  const lines = new Map<string, Line>();
  let running = 0;

  const next = (): void => {
    while (running < most) {
      const ready = [...lines.values()].filter((line) => line.waiting.length > 0 && line.running < share);
      const line = ready.reduce<Line | undefined>(
        (least, one) => (least && least.running <= one.running ? least : one),
        undefined,
      );
      const start = line?.waiting.shift();
      if (line === undefined || start === undefined) return;
      line.running += 1;
      running += 1;
      start();
    }
  };

  return Object.freeze<Turns>({
    take: async (party, work) => {
      const line = lines.get(party) ?? { running: 0, waiting: [] };
      if (line.waiting.length >= mostWaiting) throw new TooManyRequests(1);
      lines.set(party, line);
      await new Promise<void>((resolve) => {
        line.waiting.push(resolve);
        next();
      });
      try {
        return await work();
      } finally {
        line.running -= 1;
        running -= 1;
        if (line.running === 0 && line.waiting.length === 0) lines.delete(party);
        next();
      }
    },
  });
}
