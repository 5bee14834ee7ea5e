import { createInterface } from "node:readline/promises";
import { acknowledgeChain, type Replaced } from "../server/gateway/acknowledgeChain.ts";
import { readConfig } from "../server/gateway/config.ts";

async function ask({ before, seen, next }: Replaced): Promise<boolean> {
  console.log(`The gateway took block ${before.number}, ${before.hash}, for irreversible, and has seen block ${seen}.
The chain's newest block is ${next.number}, ${next.hash}, and it does not hold all of that.
Entries that it lost will be anchored again; agreements, signatures and stops that it lost are gone unless somebody sends them again.`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Go on from the newest block? Type yes: ");
  terminal.close();
  return answer.trim() === "yes";
}

try {
  const done = await acknowledgeChain(readConfig(process.env), ask);
  console.log(done === undefined ? "Nothing was acknowledged." : `The gateway goes on from block ${done.next.number}.`);
  process.exit(0);
} catch (error) {
  console.error(`datapact: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
