import { SingleBar } from "cli-progress";
import type { Progress } from "../../server/client/readLog.ts";

/** Shows on a terminal how far a command has come; nothing where there is none. */
export function createProgress(what: string): { readonly show: Progress; readonly stop: () => void } {
  const bar = new SingleBar({ format: `{bar} {value}/{total} ${what}`, stream: process.stderr, noTTYOutput: false });
  let isStarted = false;
  return {
    show: (done, total) => {
      if (!process.stderr.isTTY) return;
      if (!isStarted) bar.start(total, 0);
      isStarted = true;
      bar.update(done);
    },
    stop: () => {
      if (isStarted) bar.stop();
    },
  };
}
