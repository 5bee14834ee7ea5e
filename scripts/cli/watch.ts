import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { fileChallenge } from "../../server/client/challenges.ts";
import { alarmKinds } from "../../server/witness/alarms.ts";
import { askGateway } from "../../server/witness/askGateway.ts";
import { createHeldReader } from "../../server/witness/heldFiles.ts";
import { createHeldJudge } from "../../server/witness/judgeHeld.ts";
import { lockFolder } from "../../server/witness/lock.ts";
import { openNoteFolder } from "../../server/witness/noteFolder.ts";
import { openStateFile } from "../../server/witness/state.ts";
import { acknowledgeAll, type Told, watch } from "../../server/witness/watch.ts";
import { createWebhook } from "../../server/witness/webhook.ts";
import { type Context, Mistake, openKey } from "./context.ts";
import { createGatewayFinder } from "./findGateways.ts";
import { readWatchConfig, type WatchOptions } from "./watchConfig.ts";

type Options = WatchOptions & { once?: boolean; challenge?: boolean; as?: string; acknowledge?: boolean };

export function addWatchCommand(program: Command, context: Context): void {
  const list = (value: string, before: string[] = []): string[] => [...before, value];
  program
    .command("watch")
    .description("be a witness: hold gateways to their logs and promises; exit code 1 if an alarm stands")
    .option("--config <file>", "JSON with what the options say")
    .addOption(
      new Option("--gateway <name[=url]>", "a gateway or a hospital, repeatable; all by default").argParser(list),
    )
    .addOption(
      new Option("--receipts <folder>", "receipts that you hold, repeatable; this home's by default").argParser(list),
    )
    .addOption(new Option("--heard <folder>", "receipts and checkpoints of others, repeatable").argParser(list))
    .option("--state <folder>", "what the witness remembers; `watch` in this home by default")
    .option("--every <seconds>", "how long to wait between rounds; 10 by default")
    .option("--silent <seconds>", "how long a gateway may be silent; 120 by default")
    .option(
      "--overdue <seconds>",
      "how long entries may wait for the chain, and a signed head be missing; 3600 by default",
    )
    .option("--depth <blocks>", "blocks that must follow before a block counts; 0 by default")
    .option("--webhook <url>", "where alarms are posted as JSON")
    .option("--once", "look once")
    .option("--challenge", "prove broken promises on chain")
    .option("--as <key>", "the key that sends the proofs")
    .option("--acknowledge", "let go of the alarms that stand: you have looked into them")
    .action(async (options: Options) => run(context, options));
}

async function run(context: Context, options: Options): Promise<void> {
  const config = readWatchConfig(context, options);
  const folder = resolve(config.state);
  const unlock = lockFolder(folder);
  try {
    const file = openStateFile(folder);
    if (options.acknowledge === true) {
      console.log(`${acknowledgeAll(file)} alarms are let go`);
      return;
    }
    if ((options.challenge === true) !== (options.as !== undefined))
      throw new Mistake("--challenge and --as KEY go together.");
    const space = context.space();
    const findGateways = await createGatewayFinder(space, config.gateways);
    const wallet = options.as === undefined ? undefined : await openKey(context, options.as);
    const webhook =
      config.webhook === undefined ? undefined : createWebhook(config.webhook, (text) => console.error(text));
    const tell = (told: Told): void => {
      const line = lineOf(told);
      if (told.level === "round") console.error(roundText(told));
      else {
        console.log(JSON.stringify(line));
        webhook?.post(line);
      }
    };
    const stopping = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
    const notes = openNoteFolder(`${folder}/notes`);
    const standing = await watch(
      {
        space,
        findGateways,
        finalityDepth: config.depth,
        patience: { silentSeconds: config.silent, overdueSeconds: config.overdue },
        ask: askGateway,
        readHeld: createHeldReader([...config.receipts, ...config.heard]),
        notes,
        held: createHeldJudge(space),
        onProgress: createProgress(),
        now: () => Math.floor(Date.now() / 1_000),
        file,
        tell,
        prove: wallet === undefined ? undefined : (challenge) => fileChallenge(space, wallet, challenge),
      },
      options.once === true ? undefined : config.every * 1_000,
      stopping.signal,
    );
    await webhook?.settle(30_000);
    if (standing.length > 0) process.exitCode = 1;
  } finally {
    unlock();
  }
}

/** Ids, digests and numbers alone: what gateways or files put into words is not repeated. */
function lineOf(told: Told): Readonly<Record<string, unknown>> {
  const time = new Date().toISOString();
  if (told.level === "proven") return { time, level: told.level, ...told.breach };
  if (told.level === "round") return { time, ...told };
  const { code, gateway, subject, facts } = told.alarm;
  return {
    time,
    level: told.level,
    code,
    accuses: alarmKinds[code].accuses,
    text: alarmKinds[code].text,
    gateway,
    subject,
    facts,
  };
}

function roundText({ round, block, standing }: Extract<Told, { level: "round" }>): string {
  const where = block === undefined ? "the chain does not answer" : `block ${block}`;
  return `round ${round}: ${where}, ${standing === 0 ? "nothing stands" : `${standing} alarms stand`}`;
}

/** Long logs take a while at first. */
function createProgress(): (gateway: string, entries: number) => void {
  let toldAt = Date.now();
  return (gateway, entries) => {
    if (Date.now() - toldAt < 2_000) return;
    toldAt = Date.now();
    console.error(`gateway ${gateway.slice(0, 10)}: ${entries} entries read`);
  };
}
