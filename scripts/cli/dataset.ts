import { SingleBar } from "cli-progress";
import type { Command } from "commander";
import type { Space } from "../../server/chain/space.ts";
import { write } from "../../server/chain/write.ts";
import { listDatasets, type PublishedDataset, registerDataset } from "../../server/client/datasets.ts";
import { readSecret } from "../../server/gateway/config.ts";
import { disclosures } from "../../server/domain/terms.ts";
import type { OnProgress } from "../../server/intake/inspect.ts";
import { loadDataset } from "../../server/intake/load.ts";
import { prepareDataset } from "../../server/intake/prepare.ts";
import { ensureReader, readerOf, statementTimeoutMs } from "../../server/intake/reader.ts";
import { createClient } from "../../server/store/database.ts";
import { confirmSigning } from "./confirm.ts";
import { type Context, Mistake, openKey, participantOf, pick } from "./context.ts";
import { addSourceCommand } from "./datasetAdd.ts";
import { inert, printTable } from "./print.ts";
import { confirmProposal, printProposal, readRules } from "./proposal.ts";
import { readNames } from "./readNames.ts";
import { showDataset } from "./showDataset.ts";

type Import = {
  as: string;
  name: string;
  title?: string;
  patientKey: string[];
  level: string[];
  drop: string[];
  encoding: string[];
  delimiter?: string;
  purpose: string[];
  maxDisclosure: string;
  minCohort: string;
  approvals: string;
  yes?: boolean;
};

export function addDatasetCommands(program: Command, context: Context): void {
  const dataset = program.command("dataset").description("data that can be used under an agreement");

  dataset
    .command("import <file...>")
    .description("load CSV files, a table each, govern them and register the dataset on chain (hospital)")
    .requiredOption("--as <key>", "the hospital's key")
    .requiredOption("--name <name>", "name of the dataset")
    .option("--patient-key <column...>", "the column that tells patients apart, as COLUMN or table.COLUMN", [])
    .option("--title <title>", "what it is, for people; the name by default")
    .option("--purpose <curie...>", "purposes for which it may be used", ["DUO:0000007"])
    .option("--max-disclosure <kind>", `the most that may leave: ${disclosures.join(", ")}`, "Deidentified")
    .option("--min-cohort <patients>", "floor for the smallest cohort of an agreement", "10")
    .option("--approvals <regulators>", "regulators who must approve an agreement", "1")
    .option("--level <column=level...>", "correct a proposed level, such as patients.ZIP=Quasi", [])
    .option("--drop <column...>", "leave a column out, as COLUMN or table.COLUMN", [])
    .option("--encoding <encoding...>", "transcode from, such as gb18030, or table=gb18030", [])
    .option("--delimiter <name>", "comma, semicolon, tab or pipe; found by itself by default")
    .option("--yes", "take the proposal without asking")
    .action((files: string[], options: Import) => importDataset(context, files, options));

  addSourceCommand(dataset, context);

  dataset
    .command("list")
    .description("list all datasets")
    .action(async () => {
      const space = context.space();
      const [all, names] = [await listDatasets(space), await readNames(space)];
      const rows = all.map(({ id, name, holder, status, description, rules }) => [
        inert(name),
        names.participant(holder),
        status,
        String(description.tables.length),
        rules.maxDisclosure,
        inert(rules.purposes.join(" ")),
        id,
      ]);
      printTable(["name", "holder", "status", "tables", "at most", "purposes", "id"], rows);
    });

  dataset
    .command("show <dataset>")
    .description("show the tables, fields, joins and rules of a dataset")
    .action(async (asked: string) => showDataset(await pickDataset(context.space(), asked)));

  for (const [method, done, question] of [
    ["suspend", "suspended: every agreement over it has stopped", undefined],
    ["reinstate", "reinstated", "Let every agreement over this dataset go on?"],
    ["retire", "retired for good", "End this dataset, and every agreement over it, for good?"],
  ] as const) {
    const command = dataset.command(`${method} <dataset>`).requiredOption("--as <key>", "your key");
    command.description(`${method} a dataset`);
    if (question === undefined)
      command.requiredOption("--reason <text>", "why; everyone can read it, so name no person");
    else command.option("--yes", "do it without asking");
    command.action(async (asked: string, { as, reason, yes }: { as: string; reason?: string; yes?: boolean }) => {
      const space = context.space();
      const found = await pickDataset(space, asked);
      const wallet = await openKey(context, as);
      if (question !== undefined) {
        showDataset(found);
        await confirmSigning(question, yes);
      }
      await write(space, wallet, "DatasetRegistry", method, [found.id, ...(reason === undefined ? [] : [reason])]);
      console.log(done);
    });
  }
}

async function importDataset(context: Context, files: readonly string[], options: Import): Promise<void> {
  const { name } = options;
  const space = context.space();
  const wallet = await openKey(context, options.as);
  const { id: holder } = await participantOf(space, wallet);
  const standing = (await listDatasets(space)).find((dataset) => dataset.holder === holder && dataset.name === name);
  if (standing !== undefined) throw new Mistake(`the dataset "${name}" is registered already. Choose another --name.`);
  const rules = readRules(options);

  const proposal = await withProgress((onProgress) =>
    prepareDataset(
      {
        files,
        title: options.title ?? name,
        patientKeys: options.patientKey,
        levels: options.level,
        drop: options.drop,
        encodings: options.encoding,
        delimiter: options.delimiter,
      },
      onProgress,
    ),
  );
  printProposal(proposal);
  await confirmProposal("Load and register this dataset?", "nothing was loaded.", options.yes);

  const client = createClient(context.hospitalAdminUrl(), "datapact import", "patient");
  await client.connect();
  try {
    await ensureReader(client, {
      role: readerOf(context.hospitalAdminUrl()),
      password: readSecret(context.home.readerPassword),
      statementTimeoutMs,
    });
    const load = { name, replace: true, reader: readerOf(context.hospitalAdminUrl()) };
    const loaded = await withProgress((onProgress) => loadDataset(client, proposal, load, onProgress));
    const id = await registerDataset(space, wallet, holder, name, proposal.description, rules);
    const rows = loaded.tables.reduce((sum, table) => sum + table.rows, 0);
    console.log(`\n${id}\n${rows} rows in ${loaded.tables.length} tables are governed and registered as "${name}".`);
  } finally {
    await client.end();
  }
}

async function withProgress<T>(work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work(() => undefined);
  const bar = new SingleBar({ format: "{phase} {bar} {percentage} %  {rows} rows  {table}", hideCursor: true });
  let started = false;
  try {
    return await work(({ phase, table, bytes, totalBytes, rows }) => {
      if (!started) bar.start(totalBytes, 0, { phase, table, rows });
      started = true;
      bar.update(Math.min(bytes, totalBytes), { phase, table, rows });
    });
  } finally {
    if (started) bar.stop();
  }
}

async function pickDataset(space: Space, asked: string): Promise<PublishedDataset> {
  return pick("dataset", asked, await listDatasets(space), ({ id, name }) => [id, name]);
}
