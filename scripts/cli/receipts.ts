import { relative } from "node:path";
import type { Command } from "commander";
import { createClient } from "../../server/api/client.ts";
import { fileChallenge } from "../../server/client/challenges.ts";
import { type AskProof, type CheckedReceipt, checkReceipts } from "../../server/client/checkReceipts.ts";
import { type Recovered, recoverAnswers } from "../../server/client/recoverAnswers.ts";
import { openReceiptStore } from "../../server/client/receiptStore.ts";
import { firstOfEachLog } from "./challenge.ts";
import { type Context, openKey } from "./context.ts";
import { inert, printTable, writeSpan, writeTime } from "./print.ts";

type Options = { folder?: string; challenge?: boolean; as?: string; json?: boolean };

export function addReceiptsCommand(program: Command, context: Context): void {
  program
    .command("receipts")
    .description("the receipts that you keep")
    .command("check")
    .description("ask for what is missing, and verify every receipt; exit code 1 if a promise or a link is broken")
    .option("--folder <folder>", "where they are kept; this home's by default")
    .option("--challenge", "prove on chain what is broken")
    .option("--as <key>", "the key that sends the proof")
    .option("--json", "print what was found as JSON")
    .action(async (options: Options) => {
      const space = context.space();
      const store = openReceiptStore(options.folder ?? context.home.receipts);
      const now = Math.floor(Date.now() / 1_000);
      const recovered = await recoverAnswers(space, store, (url) => createClient(url), now);
      const checked = await checkReceipts(space, store, askGateway(context));
      const damaged = store.damaged();
      if (options.json === true) {
        const open = recovered.map((one) => ({ ...one, until: writeTime(one.until) }));
        console.log(JSON.stringify({ receipts: checked.map((one) => plain(one, now)), recovered: open, damaged }));
      } else {
        const rows = checked.map((one) => rowOf(one, now));
        printTable(["file", "gateway", "index", "state", "promised by", ""], rows);
        for (const one of recovered) console.log(`request ${one.digest}: ${sentenceOf(one, now)}`);
        for (const file of damaged) console.log(`${file} cannot be read`);
      }
      const isRefuted = recovered.some(({ outcome }) => outcome === "refuted");
      if (damaged.length > 0 || isRefuted || checked.some(({ state }) => state === "broken")) process.exitCode = 1;
      if (options.challenge !== true) return;
      const wallet = await openKey(context, options.as ?? "");
      for (const challenge of firstOfEachLog(checked.map(({ judged }) => judged))) {
        const { fault, gateway, index, transaction } = await fileChallenge(space, wallet, challenge);
        console.error(`proven on chain: ${fault}, entry ${index} of gateway ${gateway}, transaction ${transaction}`);
      }
    });
}

/** The proof of the gateway that is set, if it is the receipt's own and answers. */
function askGateway(context: Context): AskProof {
  let client: ReturnType<typeof createClient> | undefined;
  let isAway = false;
  return async ({ gateway, index }) => {
    if (isAway) return undefined;
    try {
      client ??= createClient(context.gatewayUrl());
      if ((await client.gateway()).gateway !== gateway) return undefined;
      return await client.proof({ index: String(index) });
    } catch {
      isAway = true;
      return undefined;
    }
  };
}

function sentenceOf({ outcome, until, gatewayUrl }: Recovered, now: number): string {
  if (outcome !== "unknown yet") return outcome;
  if (now <= until)
    return `unknown yet: there is no receipt, so nothing is promised. No gateway takes it after ${writeTime(until)}, in ${writeSpan(until - now)}: ask again then.`;
  return `unknown yet: no gateway takes it since ${writeTime(until)}, and the one at ${inert(gatewayUrl)} does not tell what became of it. Ask again when it does.`;
}

function whyOf({ state, broken, judged, evidence }: CheckedReceipt, now: number): string {
  if (state === "appended") return `to be anchored within ${writeSpan(evidence.receipt.deadline - now)}`;
  if (state !== "broken") return "";
  return judged.challenge === undefined ? (broken?.problem ?? "") : `${judged.verdict}: can be proven on chain`;
}

const rowOf = (one: CheckedReceipt, now: number): string[] => {
  const { gateway, index, deadline } = one.evidence.receipt;
  const file = relative(process.cwd(), one.file);
  return [file, gateway.slice(0, 10), String(index), one.state, writeTime(deadline), whyOf(one, now)];
};

const plain = (one: CheckedReceipt, now: number) => ({
  file: one.file,
  gateway: one.evidence.receipt.gateway,
  index: one.evidence.receipt.index,
  state: one.state,
  deadline: writeTime(one.evidence.receipt.deadline),
  ...(one.state === "appended" ? { secondsLeft: one.evidence.receipt.deadline - now } : {}),
  verdict: one.judged.verdict,
  broken: one.broken ?? null,
});
