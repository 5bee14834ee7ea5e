import { createHash, type Hash as Hasher } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, renameSync } from "node:fs";
import { finished } from "node:stream/promises";
import type { Command } from "commander";
import type { Wallet } from "ethers";
import { createClient } from "../../server/api/client.ts";
import type { Space } from "../../server/chain/space.ts";
import { verifyBundleFile } from "../../server/client/bundleFile.ts";
import { type BundleParts, type EntryForBundle, makeBundle } from "../../server/client/makeBundle.ts";
import { readParticipant } from "../../server/client/readParticipant.ts";
import { readLog } from "../../server/client/readLog.ts";
import { type Period, readPeriod } from "../../server/client/readPeriod.ts";
import { sealBundle } from "../../server/client/sealBundle.ts";
import { signIn } from "../../server/client/signIn.ts";
import { lookAtBundle } from "../../server/client/vouch.ts";
import type { Hash, ParticipantId } from "../../server/domain/ids.ts";
import type { LogFacts } from "../../server/proof/verifyLog.ts";
import { type Context, Mistake, openKey, participantOf } from "./context.ts";
import { requireNewFile } from "./fileProblem.ts";
import { writeTime } from "./print.ts";
import { readDepth, readTime } from "./read.ts";
import { readEvidence } from "./readEvidence.ts";
import { type ChainOptions, spaceOf, withChainOptions } from "./verify.ts";

type Making = ChainOptions & { as: string; out: string };

export function addBundleCommands(program: Command, context: Context): void {
  const bundle = program
    .command("bundle")
    .description("evidence in one signed file, which verifies years later without gateway and chain");

  withChainOptions(bundle.command("receipts <files...>"))
    .description("bundle uses of yours: entries, receipts, requests and results")
    .requiredOption("--as <key>", "who signs the bundle")
    .requiredOption("--out <file>", "where to write it; it must not exist yet")
    .action(async (files: readonly string[], options: Making) => {
      const entries = files.map(readEvidence).map(({ entry, receipt, signed, result }): EntryForBundle => {
        const optional = result === undefined ? {} : { result };
        return { index: receipt.index, entry, receipt, signed, ...optional };
      });
      entries.sort((one, other) => one.index - other.index);
      const [gateway, ...others] = new Set(entries.map(({ entry }) => entry.gateway));
      if (gateway === undefined || others.length > 0)
        throw new Mistake("a bundle is about one gateway: give its receipts alone.");
      await make(context, options, gateway, async () => ({ entries, isRange: false }));
    });

  withChainOptions(bundle.command("period"))
    .description(
      "bundle all entries of a gateway in a period: sign in there, read them, take the proofs from the chain",
    )
    .requiredOption("--from <time>", "first entry: a day, or a time")
    .requiredOption("--until <time>", "first entry after")
    .requiredOption("--as <key>", "who signs in, and signs the bundle")
    .requiredOption("--out <file>", "where to write it; it must not exist yet")
    .action(async (options: Making & { from: string; until: string }) => {
      const space = spaceOf(context, options);
      const wallet = await openKey(context, options.as);
      const url = context.gatewayUrl();
      const { gateway } = await createClient(url).gateway();
      const client = await signIn(url, wallet, space.manifest.chainId);
      const asked = { from: readTime(options.from), until: readTime(options.until) };
      const now = Math.floor(Date.now() / 1_000);
      const period = { from: asked.from, until: Math.min(asked.until, now) };
      if (period.until <= period.from) throw new Mistake("the period ends before it begins, or has not begun yet.");
      if (period.until < asked.until) console.error(`The period is not over: it is bundled until ${writeTime(now)}.`);
      await make(context, options, gateway, async (log) => {
        const entries = await readPeriod(client, period, log);
        return { entries, isRange: true, period };
      });
    });

  withChainOptions(bundle.command("sign <file>"))
    .description(
      "vouch for a bundle: verify it, compare all that it tells of the chain with the chain, add your signature",
    )
    .requiredOption("--as <key>", "who vouches")
    .action(async (file: string, options: ChainOptions & { as: string }) => {
      const space = spaceOf(context, options);
      const wallet = await openKey(context, options.as);
      const { problem, read } = await lookAtBundle(space, file, readDepth(options.depth));
      if (problem !== undefined) throw new Mistake(`${file} is not signed: ${problem}.`);
      await seal(space, file, read, wallet);
      console.log(`${file} bears your signature: heads, participants and agreements are the chain's.`);
    });
}

type Chosen = { readonly entries: readonly EntryForBundle[]; readonly isRange: boolean; readonly period?: Period };

async function make(
  context: Context,
  options: Making,
  gateway: ParticipantId,
  choose: (log: LogFacts) => Promise<Chosen>,
): Promise<void> {
  requireNewFile(options.out);
  const space = spaceOf(context, options);
  const wallet = await openKey(context, options.as);
  await participantOf(space, wallet);
  const log = await readLog(space, gateway, readDepth(options.depth));
  const { entries, ...chosen } = await choose(log);
  const draft = `${options.out}.draft`;
  const parts = { gateway, log, entries: () => entries, ...chosen };
  const digest = await seal(space, draft, await write(space, parts, draft), wallet);
  const report = await verifyBundleFile(draft, { manifest: space.manifest, isChainAsked: true });
  renameSync(draft, options.out);
  console.log(`${options.out}: ${entries.length} entries, SHA-256 ${digest}`);
  if (!report.holds) {
    console.log(`What it holds together says: ${report.broken?.check}: ${report.broken?.problem}.`);
    process.exitCode = 1;
  }
}

/** Signs what was read of a file in the name of whom a key stands for. */
async function seal(space: Space, file: string, read: Hasher, wallet: Wallet): Promise<Hash> {
  const { id } = await participantOf(space, wallet);
  const record = await readParticipant(space, id, await space.readHead());
  if (record === undefined) throw new Mistake("the chain does not know who signs.");
  return sealBundle(file, read, space.domainOf("AccessLog"), wallet, record, Math.floor(Date.now() / 1_000));
}

/** Writes a bundle without signature. Gives SHA-256 over it, not finished yet. */
async function write(space: Space, parts: BundleParts, file: string): Promise<Hasher> {
  const hash = createHash("sha256");
  const out = createWriteStream(file, { mode: 0o600 });
  for await (const line of makeBundle(space, parts)) {
    hash.update(line);
    if (!out.write(line)) await once(out, "drain");
  }
  out.end();
  await finished(out);
  return hash;
}
