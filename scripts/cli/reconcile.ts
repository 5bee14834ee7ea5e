import { createInterface } from "node:readline";
import { Readable } from "node:stream";

import type { Command } from "commander";
import { entryItemSchema } from "../../server/api/entries.ts";
import { signFinding } from "../../server/client/findings.ts";
import { signIn } from "../../server/client/signIn.ts";
import type { UsageEntry } from "../../server/domain/entry.ts";
import { readerOf } from "../../server/intake/reader.ts";
import { readGovernedNames } from "../../server/reconcile/governedNames.ts";
import { type LogRecord, LogUnreadable } from "../../server/reconcile/logRecord.ts";
import type { GovernedName } from "../../server/reconcile/mentions.ts";
import { formOf, logForms, readLog } from "../../server/reconcile/readLog.ts";
import { type Oddity, oddities, type Reconciled, reconcile } from "../../server/reconcile/reconcile.ts";
import { createClient } from "../../server/store/database.ts";
import { type Context, Mistake, openKey } from "./context.ts";
import { inert, printFacts, printTable } from "./print.ts";
import { readOne } from "./read.ts";

type Options = {
  log: string[];
  as: string;
  form?: string;
  prefix: string;
  login?: string;
  leaveOut: string[];
  relation: string[];
  text?: boolean;
  json?: boolean;
  record?: boolean;
};

export function addReconcileCommand(program: Command, context: Context): void {
  program
    .command("reconcile")
    .description(
      "compare PostgreSQL's own statement log with the entries; exit code 1 if anything is not accounted for",
    )
    .requiredOption("--log <file...>", "the server's log files of the time in question, rotated ones too")
    .requiredOption("--as <key>", "your key, or one that you let act for you: the hospital's or a regulator's")
    .option("--form <form>", `${logForms.join(", ")}; by default what the file's name says`)
    .option("--prefix <prefix>", "the server's log_line_prefix, for the form stderr", "%m [%p] %q%u@%d/%a ")
    .option("--login <login>", "the gateway's login at the database")
    .option("--leave-out <login...>", "logins that use the same tables for care", [])
    .option("--relation <name...>", "governed tables and views as schema.name; by default the database is asked", [])
    .option("--text", "tell the statements themselves: they may name patients")
    .option("--json", "print the whole report as JSON")
    .option("--record", "record a finding, as the regulator whose key it is")
    .action(async (options: Options) => {
      const space = context.space();
      const wallet = await openKey(context, options.as);
      const client = await signIn(context.gatewayUrl(), wallet, space.manifest.chainId);
      const names = await governedNames(context, options.relation);
      const taken = await client.exportEntries({ format: "json", kind: "Usage" });
      const reading = Number(taken.headers.get("x-reading"));
      const reconciled = await reconcile(readAll(options), readEntries(taken), {
        names,
        login: options.login ?? readerOf(context.hospitalAdminUrl()),
        leftOut: new Set(options.leaveOut),
        database: options.relation.length > 0 ? undefined : databaseOf(context),
        withText: options.text === true,
      });
      if (options.json === true) console.log(inert(JSON.stringify(reconciled)));
      else print(reconciled);
      if (reconciled.unaccounted.length === 0) return;
      process.exitCode = 1;
      if (options.record !== true) return;
      const { gateway } = await client.gateway();
      const found = {
        gateway,
        entries: [reading],
        severity: "Major",
        state: "Open",
        text: describe(reconciled),
      } as const;
      const { id } = await client.recordFinding(signFinding(wallet, space.domainOf("AccessLog"), found));
      console.log(`Recorded as finding ${id}.`);
    });
}

const databaseOf = (context: Context): string =>
  decodeURIComponent(new URL(context.hospitalAdminUrl()).pathname.slice(1));

async function governedNames(context: Context, given: readonly string[]): Promise<readonly GovernedName[]> {
  if (given.length > 0)
    return given.map((text) => {
      const [, schema, name] = /^([^.]+)\.(.+)$/.exec(text) ?? [];
      if (schema === undefined || name === undefined) throw new Mistake(`"${text}" is no schema.name.`);
      return { schema, name };
    });
  const database = createClient(context.hospitalAdminUrl(), "datapact reconcile");
  await database.connect();
  try {
    const names = await readGovernedNames(database);
    if (names.length === 0) throw new Mistake("this database holds no governed data. Name its tables with --relation.");
    return names;
  } finally {
    await database.end();
  }
}

async function* readAll({ log, form, prefix }: Options): AsyncGenerator<LogRecord> {
  for (const file of log) {
    try {
      yield* readLog(file, form === undefined ? formOf(file) : readOne("form", form, logForms), prefix);
    } catch (error) {
      if (error instanceof LogUnreadable) throw new Mistake(error.message);
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new Mistake(`there is no file ${file}.`);
      throw error;
    }
  }
}

async function* readEntries(response: Response): AsyncGenerator<UsageEntry> {
  if (response.body === null) throw new Mistake("the gateway sent nothing.");
  let left = Number(response.headers.get("x-entries"));
  for await (const line of createInterface({ input: Readable.fromWeb(response.body as never) })) {
    const { entry } = entryItemSchema.parse(JSON.parse(line));
    if (entry.type === "datapact/entry/1") yield entry;
    left -= 1;
  }
  if (left !== 0) throw new Mistake("the entries broke off. Ask again.");
}

function print({ records, statements, accounted, leftOut, from, until, unaccounted }: Reconciled): void {
  printFacts({
    "log records": String(records),
    from: from ?? "none",
    until: until ?? "none",
    "statements on governed data": String(statements),
    "accounted for by entries": String(accounted),
    "of logins that were left out": String(leftOut),
    "not accounted for": String(unaccounted.length),
  });
  if (unaccounted.length === 0) return;
  console.log("");
  printTable(
    ["time", "what", "login", "application", "relations", "statement"],
    unaccounted.map(({ time, oddity, user, application, relations, statement, text }) => [
      time,
      oddity,
      inert(user ?? ""),
      inert(application ?? ""),
      inert(relations.join(" ")),
      inert(text ?? statement?.slice(0, 18) ?? ""),
    ]),
  );
  console.log("");
  for (const oddity of new Set(unaccounted.map((found) => found.oddity))) console.log(`${oddity}: ${oddities[oddity]}`);
}

/** What the finding says: kinds, numbers, logins and times, and nothing of a statement. */
function describe({ unaccounted, from, until }: Reconciled): string {
  const kinds = Object.entries(Object.groupBy(unaccounted, ({ oddity }) => oddity)) as [
    Oddity,
    Reconciled["unaccounted"],
  ][];
  const lines = kinds.map(([oddity, found]) => {
    const logins = [...new Set(found.map(({ user }) => user ?? "unknown"))].slice(0, 10).join(", ");
    return `${oddity}: ${found.length} times, from ${found[0]?.time} to ${found.at(-1)?.time}, logins ${logins}. ${oddities[oddity]}`;
  });
  return [`The database's log from ${from} to ${until} is at odds with the entries.`, ...lines]
    .join("\n")
    .slice(0, 4_000);
}
