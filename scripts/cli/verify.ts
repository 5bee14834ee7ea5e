import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { openSpace, readManifest, type Space } from "../../server/chain/space.ts";
import { verifyBundleFile } from "../../server/client/bundleFile.ts";
import { verifyEvidence } from "../../server/client/evidence.ts";
import { listParticipants } from "../../server/client/participants.ts";
import { readLog } from "../../server/client/readLog.ts";
import { verifyCheckpoint, verifyCose } from "../../server/client/verifyNote.ts";
import type { ParticipantId } from "../../server/domain/ids.ts";
import { reportOf } from "../../server/proof/report.ts";
import { verifyLog } from "../../server/proof/verifyLog.ts";
import { addressOf, type Context, Mistake, pick } from "./context.ts";
import { printReport } from "./printReport.ts";
import { createProgress } from "./progress.ts";
import { readDepth, readSeconds } from "./read.ts";
import { readEvidence } from "./readEvidence.ts";

export type ChainOptions = { rpc?: string; secondRpc?: string; manifest?: string; depth: string; json?: boolean };

/** Adds the options of commands that ask a chain. */
export function withChainOptions(command: Command): Command {
  return command
    .option("--rpc <url>", "the node to ask; that of this space by default")
    .option("--second-rpc <url>", "another node, which must tell the same")
    .option("--manifest <file>", "your own copy of the manifest; that of this space by default")
    .option("--depth <blocks>", "how many blocks must follow one that counts", "0")
    .option("--json", "print the report as JSON");
}

/** The space that the options name. */
export function spaceOf(context: Context, { rpc, secondRpc, manifest }: ChainOptions): Space {
  if (rpc === undefined && secondRpc === undefined && manifest === undefined) return context.space();
  const file = manifest ?? process.env.DATAPACT_MANIFEST ?? context.home.manifest;
  return openSpace(rpc ?? context.chainUrl(), readManifest(file), secondRpc);
}

/** Finds a gateway by id, registration number or name. */
export async function pickGateway(space: Space, asked: string): Promise<ParticipantId> {
  if (/^0x[0-9a-f]{64}$/.test(asked)) return asked as ParticipantId;
  const gateways = (await listParticipants(space)).filter(({ roles }) => roles.includes("Gateway"));
  return pick("gateway", asked, gateways, ({ id, registrationNumber, name }) => [id, registrationNumber, name]).id;
}

export function addVerifyCommands(program: Command, context: Context): void {
  const verify = program.command("verify").description("check the trail yourself, without asking the gateway");

  withChainOptions(verify.command("receipt <file>"))
    .description("check a receipt link by link; exit code 0 only if all of it holds")
    .option("--wait <seconds>", "how long to wait for an entry that is not anchored yet", "20")
    .action(async (file: string, options: ChainOptions & { wait: string }) => {
      const space = spaceOf(context, options);
      const evidence = readEvidence(file);
      const wait = readSeconds("wait", options.wait) * 1_000;
      const links = await verifyEvidence(space, evidence, wait, readDepth(options.depth));
      const { index, entry, gateway } = evidence.receipt;
      printReport(reportOf("receipt", links, { gateway, index, entry, chain: space.manifest.chainId }), options.json);
    });

  withChainOptions(verify.command("log"))
    .description("check a gateway's whole log, every head of it, from the chain alone")
    .requiredOption("--gateway <gateway>", "id, registration number or name")
    .action(async (options: ChainOptions & { gateway: string }) => {
      const space = spaceOf(context, options);
      const gateway = await pickGateway(space, options.gateway);
      const progress = createProgress("batches");
      const facts = await readLog(space, gateway, readDepth(options.depth), progress.show);
      progress.stop();
      printReport(await verifyLog(facts), options.json);
    });

  verify
    .command("bundle <file>")
    .description("check an evidence bundle, without any network")
    .option("--manifest <file>", "your own copy of the manifest, which the bundle must name")
    .option("--signer <address...>", "accounts of which one must have signed it")
    .option("--json", "print the report as JSON")
    .action(async (file: string, options: { manifest?: string; signer?: string[]; json?: boolean }) => {
      if (!existsSync(file)) throw new Mistake(`there is no file ${file}.`);
      const pins = {
        ...(options.manifest === undefined ? {} : { manifest: readManifest(options.manifest) }),
        ...(options.signer === undefined ? {} : { signers: options.signer.map((known) => addressOf(context, known)) }),
      };
      printReport(await verifyBundleFile(file, pins), options.json);
    });

  withChainOptions(verify.command("checkpoint [file]"))
    .description("check a gateway's signed checkpoint, from a file or as it serves it now")
    .requiredOption("--gateway <gateway>", "id, registration number or name")
    .action(async (file: string | undefined, options: ChainOptions & { gateway: string }) => {
      const space = spaceOf(context, options);
      const gateway = await pickGateway(space, options.gateway);
      const note = file === undefined ? (await ask(context, "/checkpoint")).toString() : readFileSync(file, "utf8");
      printReport(await verifyCheckpoint(space, gateway, note, readDepth(options.depth)), options.json);
    });

  withChainOptions(verify.command("cose <file>"))
    .description("check a COSE receipt (RFC 9942) of an entry")
    .requiredOption("--receipt <file>", "the receipt that `datapact query` saved")
    .action(async (file: string, options: ChainOptions & { receipt: string }) => {
      const evidence = readEvidence(options.receipt);
      const space = spaceOf(context, options);
      printReport(await verifyCose(space, evidence, readFileSync(file), readDepth(options.depth)), options.json);
    });

  program
    .command("cose <receipt> <out>")
    .description("ask the gateway for a receipt's entry as a COSE receipt (RFC 9942)")
    .action(async (receipt: string, out: string) => {
      const { index } = readEvidence(receipt).receipt;
      writeFileSync(out, await ask(context, `/v1/log/entries/${index}/cose`), { flag: "wx" });
      console.log(`${out}: check it with datapact verify cose ${out} --receipt ${receipt}`);
    });
}

async function ask(context: Context, path: string): Promise<Buffer> {
  const response = await fetch(new URL(path, context.gatewayUrl()));
  if (!response.ok) throw new Mistake(`the gateway has no ${path} yet: it answers ${response.status}.`);
  return Buffer.from(await response.arrayBuffer());
}
