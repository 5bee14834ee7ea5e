import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { listDatasets, registerDataset } from "../../server/client/datasets.ts";
import { readSecret } from "../../server/gateway/config.ts";
import { disclosures } from "../../server/domain/terms.ts";
import { prepareSource } from "../../server/intake/prepareSource.ts";
import { readerOf, statementTimeoutMs } from "../../server/intake/reader.ts";
import { requireViews, runSourceSql, sourceSql, toScript, toShown } from "../../server/intake/sourceSql.ts";
import { createClient } from "../../server/store/database.ts";
import { ensureSecret } from "../space/engines.ts";
import { type Context, Mistake, openKey, participantOf } from "./context.ts";
import { inert } from "./print.ts";
import { confirmProposal, printProposal, type RuleOptions, readRules } from "./proposal.ts";
import { mostOf, readCount } from "./read.ts";

type Add = RuleOptions & {
  as: string;
  name: string;
  from?: string;
  passwordFile?: string;
  table: string[];
  title?: string;
  patientKey: string[];
  level: string[];
  drop: string[];
  sample: string;
  dryRun?: boolean;
  printSql?: string;
  prepared?: boolean;
  yes?: boolean;
};

export function addSourceCommand(dataset: Command, context: Context): void {
  dataset
    .command("add")
    .description("put tables and views of a PostgreSQL database under contract where they are (hospital)")
    .requiredOption("--as <key>", "the hospital's key")
    .requiredOption("--name <name>", "name of the dataset")
    .requiredOption("--table <table...>", 'tables and views, as schema.table; odd names in quotes: public."Visits"')
    .option("--from <url>", "the database, without a password; the hospital's by default")
    .option("--password-file <file>", "a file that holds the password; PGPASSWORD and ~/.pgpass count too")
    .option("--patient-key <column...>", "the column that tells patients apart, as COLUMN or table.COLUMN", [])
    .option("--title <title>", "what it is, for people; the name by default")
    .option("--purpose <curie...>", "purposes for which it may be used", ["DUO:0000007"])
    .option("--max-disclosure <kind>", `the most that may leave: ${disclosures.join(", ")}`, "Deidentified")
    .option("--min-cohort <patients>", "floor for the smallest cohort of an agreement", "10")
    .option("--approvals <regulators>", "regulators who must approve an agreement", "1")
    .option("--level <column=level...>", "correct a proposed level, such as patients.ZIP=Quasi", [])
    .option("--drop <column...>", "leave a column out, as COLUMN or table.COLUMN", [])
    .option("--sample <rows>", "how many rows of each table are looked at", "100000")
    .option("--dry-run", "show the proposal and the SQL, and change nothing")
    .option("--print-sql <file>", "write the SQL to a file for a database administrator, and change nothing")
    .option("--prepared", "a database administrator has run the SQL: only check that, and register")
    .option("--yes", "run the SQL and register without asking")
    .action((options: Add) => addSource(context, options));
}

async function addSource(context: Context, options: Add): Promise<void> {
  const { name } = options;
  const url = sourceUrl(context, options);
  const rules = readRules(options);
  const client = createClient(url, "datapact add", "patient");
  await client.connect().catch((error: { code?: string }) => {
    const { host } = new URL(url);
    throw new Mistake(`the database at ${host} does not let this login in (${error.code ?? "no answer"}).`);
  });
  try {
    const proposal = await prepareSource(client, {
      relations: options.table,
      title: options.title ?? name,
      patientKeys: options.patientKey,
      levels: options.level,
      drop: options.drop,
      sample: Number(readCount("sample", options.sample, mostOf(32))),
    });
    printProposal(proposal);
    const role = readerOf(url);
    const password = ensureSecret(context.home.readerPassword);
    const statements = sourceSql(name, proposal, { role, password, statementTimeoutMs });
    if (options.printSql !== undefined) {
      writeFileSync(options.printSql, toScript(statements), { mode: 0o600, flag: "wx" });
      console.log(
        `The SQL is in ${options.printSql}. Once it was run, repeat this command with --prepared in its place.`,
      );
      return;
    }
    if (options.prepared !== true) console.log(inert(toShown(statements), "lines"));
    if (options.dryRun === true) {
      console.log("Nothing was changed.");
      return;
    }
    const space = context.space();
    const wallet = await openKey(context, options.as);
    const { id: holder } = await participantOf(space, wallet);
    const standing = (await listDatasets(space)).some((dataset) => dataset.holder === holder && dataset.name === name);
    if (standing) throw new Mistake(`the dataset "${name}" is registered already. Choose another --name.`);
    await confirmProposal("Run this SQL and register the dataset?", "nothing was changed.", options.yes);
    if (options.prepared !== true) await runSourceSql(client, name, statements);
    await requireViews(client, name, proposal, role);
    const id = await registerDataset(space, wallet, holder, name, proposal.description, rules);
    console.log(
      `\n${id}\n${proposal.tables.length} tables are governed where they are and registered as "${inert(name)}".`,
    );
    console.log(`The gateway reads them as ${role}; its password is in ${context.home.readerPassword}.`);
  } finally {
    await client.end();
  }
}

/** A password on a command line can be seen by everyone on the machine. */
function sourceUrl(context: Context, { from, passwordFile }: Add): string {
  if (from === undefined && passwordFile !== undefined) throw new Mistake("--password-file goes with --from.");
  if (from === undefined) return context.hospitalAdminUrl();
  if (!URL.canParse(from) || !/^postgres(ql)?:$/.test(new URL(from).protocol))
    throw new Mistake("--from must be a URL such as postgresql://login@host:5432/database.");
  const url = new URL(from);
  if (url.password !== "" || url.searchParams.has("password"))
    throw new Mistake(
      "leave the password out of --from, where others can see it: give --password-file, or set PGPASSWORD.",
    );
  if (passwordFile !== undefined) url.password = encodeURIComponent(readSecret(passwordFile));
  return url.href;
}
