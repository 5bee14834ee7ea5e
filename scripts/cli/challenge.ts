import { readFileSync } from "node:fs";
import type { Command } from "commander";
import {
  type Challenge,
  fileChallenge,
  findChallenges,
  type Judged,
  simulateChallenge,
} from "../../server/client/challenges.ts";
import { parseReceipt } from "../../server/client/receiptFile.ts";
import type { Receipt } from "../../server/domain/receipt.ts";
import { type Context, Mistake, openKey } from "./context.ts";
import { writeTime } from "./print.ts";

export function addChallengeCommand(program: Command, context: Context): void {
  program
    .command("challenge <files...>")
    .description(
      "show what receipts prove against their gateway, and prove it on chain; exit code 1 if that is nothing",
    )
    .option("--as <key>", "the key that sends the proof; without it nothing is sent")
    .action(async (files: readonly string[], { as }: { as?: string }) => {
      const space = context.space();
      const judged = await findChallenges(space, files.map(readReceipt));
      for (const one of judged) console.log(sentenceOf(one));
      const challenges = firstOfEachLog(judged);
      if (challenges.length === 0) {
        console.log("\nNothing is proven against a gateway.");
        process.exitCode = 1;
        return;
      }
      const wallet = as === undefined ? undefined : await openKey(context, as);
      for (const challenge of challenges) {
        await simulateChallenge(space, challenge);
        if (wallet === undefined) {
          console.log(
            "\nThe contract would take this proof. Send it with --as KEY: the log stops until a regulator acts.",
          );
          continue;
        }
        const { fault, gateway, index, transaction } = await fileChallenge(space, wallet, challenge);
        console.log(`\nProven on chain: ${fault}, entry ${index} of gateway ${gateway}.\nTransaction ${transaction}`);
      }
    });
}

/** A breach stops a log: the first one proven of each log is all that the contract takes before a regulator acknowledges it. */
export function firstOfEachLog(judged: readonly Judged[]): Challenge[] {
  const found = new Map<string, Challenge>();
  for (const { receipt, challenge } of judged) {
    if (challenge !== undefined && !found.has(receipt.gateway)) found.set(receipt.gateway, challenge);
  }
  return [...found.values()];
}

const sentences: { readonly [V in Judged["verdict"]]: (receipt: Receipt) => string } = {
  Late: ({ deadline }) => `was promised by ${writeTime(deadline)} and is not anchored`,
  Replaced: () => "was promised, and another entry stands at its index",
  Equivocation: () => "shares its index with another entry that was promised",
  Kept: () => "is anchored where it was promised: proves nothing",
  Pending: ({ deadline }) => `is promised by ${writeTime(deadline)}, which is still to come: proves nothing yet`,
  Unsigned: () => "bears no signature of a key that acted for the gateway then: proves nothing",
};

function sentenceOf({ receipt, verdict }: Judged): string {
  return `${verdict}: entry ${receipt.index} of gateway ${receipt.gateway.slice(0, 10)} ${sentences[verdict](receipt)}.`;
}

function readReceipt(file: string): Receipt {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Mistake(`${file} cannot be read: ${(error as Error).message}`);
  }
  const receipt = parseReceipt(text);
  if (receipt === undefined) throw new Mistake(`${file} holds no receipt.`);
  return receipt;
}
