import { createWriteStream, rmSync } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { entryFilter } from "../../server/api/entries.ts";
import { signIn } from "../../server/client/signIn.ts";
import { denialReasons, gatewayReasons } from "../../server/domain/reasons.ts";
import { type ExportFormat, exportFormats, formats } from "../../server/export/writeExport.ts";
import { type Context, Mistake, openKey, pickParticipant } from "./context.ts";
import { requireNewFile } from "./fileProblem.ts";
import { pickAgreement } from "./pickAgreement.ts";
import { writeTime } from "./print.ts";
import { readOne, readTime } from "./read.ts";

type Options = {
  as: string;
  format: string;
  out?: string;
  agreement?: string;
  participant?: string;
  purpose?: string;
  outcome?: string;
  reason?: string;
  kind?: string;
  from?: string;
  until?: string;
};

export function addExportCommand(program: Command, context: Context): void {
  program
    .command("export")
    .description("write the entries that concern you to a file; that you did is an entry itself")
    .requiredOption("--as <key>", "your key, or one that you let act for you")
    .option(
      "--format <format>",
      `${exportFormats.join(", ")}: FHIR R4 AuditEvents of IHE BALP, a table for spreadsheets, or entries as they stand`,
      "csv",
    )
    .option("--out <file>", "where to write it")
    .option("--agreement <agreement>", "of this agreement: id or the start of it")
    .option("--participant <participant>", "signed by this participant: id, registration number or name")
    .option("--purpose <curie>", "for this purpose")
    .option("--outcome <outcome>", "Permitted, Denied or Failed")
    .option("--reason <reason>", "refused for this reason")
    .option("--kind <kind>", "Usage, or Trail for what was done to the trail itself")
    .option("--from <time>", "from this time on: a day, or a time in UTC")
    .option("--until <time>", "before this time")
    .action(async (options: Options) => {
      const format = readOne("format", options.format, exportFormats);
      if (options.out !== undefined) requireNewFile(options.out);
      const filter = await readFilter(context, options);
      const { manifest } = context.space();
      const client = await signIn(context.gatewayUrl(), await openKey(context, options.as), manifest.chainId);
      const response = await client.exportEntries({ ...filter, format });
      const file = options.out ?? `entries-${response.headers.get("x-reading")}.${formats[format].extension}`;
      await save(response, file, format);
      console.log(
        `${response.headers.get("x-entries")} entries are in ${file}. Entry ${response.headers.get("x-reading")} records that you took them.`,
      );
    });
}

async function readFilter(context: Context, options: Options) {
  const time = (text: string): string => writeTime(readTime(text));
  return entryFilter.parse({
    ...(options.kind && { kind: readOne("kind", options.kind, ["Usage", "Trail"]) }),
    ...(options.agreement && { agreement: (await pickAgreement(context.space(), options.agreement)).id }),
    ...(options.participant && { participant: (await pickParticipant(context.space(), options.participant)).id }),
    ...(options.purpose && { purpose: options.purpose }),
    ...(options.outcome && { outcome: readOne("outcome", options.outcome, ["Permitted", "Denied", "Failed"]) }),
    ...(options.reason && { reason: readOne("reason", options.reason, [...denialReasons, ...gatewayReasons]) }),
    ...(options.from && { from: time(options.from) }),
    ...(options.until && { until: time(options.until) }),
  });
}

/** Writes what comes, and counts it: a file that is not whole is taken away. */
async function save(response: Response, file: string, format: ExportFormat): Promise<void> {
  if (response.body === null) throw new Mistake("the gateway sent nothing.");
  let lines = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const byte of chunk) if (byte === 10) lines += 1;
      done(null, chunk);
    },
  });
  try {
    await pipeline(
      Readable.fromWeb(response.body as never),
      count,
      createWriteStream(file, { flags: "wx", mode: 0o600 }),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST")
      throw new Mistake(`${file} exists already. Name another with --out.`);
    rmSync(file, { force: true });
    throw new Mistake(`the export broke off: ${(error as Error).message}. Ask again.`);
  }
  const least = Number(response.headers.get("x-entries"));
  if (lines >= least + (format === "csv" ? 1 : 0)) return;
  rmSync(file, { force: true });
  throw new Mistake(`the export broke off after ${lines} lines of ${least} entries. Ask again.`);
}
