import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { Command } from "commander";
import { ApiProblem, createClient } from "../../server/api/client.ts";
import type { UsageAnswer } from "../../server/api/usage.ts";
import { writeDurably } from "../../server/client/durableFile.ts";
import { openReceiptStore } from "../../server/client/receiptStore.ts";
import { signRequest } from "../../server/client/usage.ts";
import { useData } from "../../server/client/useData.ts";
import { describeError } from "../../server/domain/describeError.ts";
import type { ParticipantId } from "../../server/domain/ids.ts";
import type { Disclosure } from "../../server/domain/terms.ts";
import { type Context, Mistake, openKey } from "./context.ts";
import { pickAgreement } from "./pickAgreement.ts";
import { inert, printFacts, printTable, writeTime } from "./print.ts";
import { readEvidence } from "./readEvidence.ts";

type Query = { as: string; agreement: string; purpose?: string; save?: string; json?: boolean };

export function addQueryCommands(program: Command, context: Context): void {
  program
    .command("query <sql>")
    .description("use data under an agreement: sign the statement, print the result, keep the receipt")
    .requiredOption("--as <key>", "your key, or one that you let act for you")
    .requiredOption("--agreement <agreement>", "id or the start of it")
    .option("--purpose <curie>", "what you use the data for; the agreement's purpose by default")
    .option("--save <file>", "where to keep a copy of the receipt")
    .option("--json", "print the whole answer as JSON")
    .action(async (statement: string, options: Query) => {
      const space = context.space();
      const gatewayUrl = context.gatewayUrl();
      const { id, terms } = await pickAgreement(space, options.agreement);
      const gateway = await gatewayAt(gatewayUrl);
      const purpose = options.purpose ?? terms.purpose;
      const wallet = await openKey(context, options.as);
      const signed = signRequest(wallet, space.domainOf("UsagePolicy"), { gateway, agreement: id, purpose, statement });
      const store = openReceiptStore(context.home.receipts);
      const kept = await useData(space, store, createClient(gatewayUrl), gatewayUrl, signed).catch(tellWhatIsKept);
      const { answer, problems } = kept;
      if (options.save !== undefined) writeDurably(options.save, readFileSync(kept.file, "utf8"));
      const file = options.save ?? relative(process.cwd(), kept.file);
      if (problems.length > 0) {
        const told = problems.map(({ check, problem }) => `  ${check}: ${problem}`).join("\n");
        console.error(
          `datapact: the answer is not shown, since it is not what the gateway vouches for:\n${told}\nKept: ${file}`,
        );
        process.exitCode = 1;
        return;
      }
      if (options.json === true) console.log(inert(JSON.stringify(answer)));
      else printAnswer(answer, terms.disclosure, file);
      if (!("result" in answer)) process.exitCode = 3;
    });

  program
    .command("receipt <file>")
    .description("show a receipt")
    .action((file: string) => {
      const { signed, entry, receipt, result } = readEvidence(file);
      printFacts({
        outcome: entry.reason === null ? entry.outcome : `${entry.outcome}: ${entry.reason}`,
        time: entry.time,
        agreement: entry.agreement,
        purpose: inert(entry.purpose),
        statement: inert(signed.request.statement),
        "decided under block": entry.block === null ? "none" : String(entry.block.number),
        result: result === undefined ? "none" : `${result.rows.length} rows, SHA-256 ${entry.result?.digest}`,
        entry: receipt.entry,
        index: String(receipt.index),
        "anchored by": writeTime(receipt.deadline),
      });
    });
}

/** Whatever failed after the request had left, it may have been recorded, and its answer may be kept already. */
function tellWhatIsKept(error: unknown): never {
  if (error instanceof ApiProblem) throw error;
  throw new Mistake(
    `gateway or chain did not answer to the end (${describeError(error).message}). The request is kept, and may have been recorded and counted. ` +
      "Ask what became of it, and for its answer's receipt: npx datapact receipts check.",
  );
}

async function gatewayAt(url: string): Promise<ParticipantId> {
  try {
    return (await createClient(url).gateway()).gateway;
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
    throw new Mistake(
      `no gateway answers at ${url}. Run \`npm start\` in another terminal, or set DATAPACT_GATEWAY_URL.`,
    );
  }
}

function printAnswer(answer: UsageAnswer, disclosure: Disclosure, file: string): void {
  if ("result" in answer) {
    const { columns, rows } = answer.result;
    printTable(
      columns.map(({ name }) => inert(name)),
      rows.map((row) => row.map((cell) => (cell === null ? "" : inert(String(cell))))),
    );
    console.log("");
    if (disclosure === "Aggregate")
      console.log("Counts and figures are rounded so that none tells of one patient: docs/query.md says how far.");
  } else {
    console.log(`Refused: ${inert(answer.code)}. ${inert(answer.title)}`);
    if (answer.detail !== undefined) console.log(inert(answer.detail));
  }
  console.log(`Entry ${answer.receipt.index} records it. Receipt: ${file}`);
  console.log(`Check it yourself: npx datapact verify receipt ${file}`);
}
