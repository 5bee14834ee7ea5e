import type { Hash as Hasher } from "node:crypto";
import { askHead } from "../chain/head.ts";
import type { Space } from "../chain/space.ts";
import { canonicalBytes } from "../domain/entry.ts";
import type {
  BundleAgreement,
  BundleEnd,
  BundleHead,
  BundleHeader,
  BundleLine,
  BundleParticipant,
  BundleSignature,
} from "../proof/bundle.ts";
import { actedAt, type ParticipantRecord, recordAt } from "../proof/keyHistory.ts";
import { type BlockFacts, type LogFacts, verifyLog } from "../proof/verifyLog.ts";
import { readBundleFile } from "./bundleFile.ts";
import { readBundleAgreement } from "./readBundleAgreement.ts";
import { readLog } from "./readLog.ts";
import { readParticipant } from "./readParticipant.ts";

/** What a bundle tells that only the chain can confirm. */
type Told = {
  header?: BundleHeader;
  end?: BundleEnd;
  readonly heads: (BundleHead | BundleHeader["head"])[];
  readonly participants: BundleParticipant[];
  /** Records that follow the end, as of when their owners signed. */
  readonly signers: BundleParticipant[];
  readonly agreements: BundleAgreement[];
  readonly signatures: BundleSignature[];
};

/**
 * Looks at a bundle as whoever vouches for it must. `problem` says why nobody should; undefined if it holds, and all that it tells of the
 * chain is what the chain says. `read` is SHA-256 over what was looked at, to be signed.
 */
export async function lookAtBundle(
  space: Space,
  file: string,
  depth: number,
): Promise<{ readonly problem: string | undefined; readonly read: Hasher }> {
  const told: Told = { heads: [], participants: [], signers: [], agreements: [], signatures: [] };
  const pins = { manifest: space.manifest, isChainAsked: true };
  const { report, read } = await readBundleFile(file, pins, (line) => keep(told, line));
  const { broken } = report;
  if (broken !== null && broken.check !== "seal") return { problem: `${broken.check}: ${broken.problem}`, read };
  return { problem: await toldProblem(space, told, depth), read };
}

function keep(told: Told, line: BundleLine): void {
  if (line.type === "datapact/bundle/1") {
    told.header = line;
    told.heads.push(line.head);
  }
  if (line.type === "head") told.heads.push(line);
  if (line.type === "end") told.end = line;
  if (line.type === "participant") (told.end !== undefined ? told.signers : told.participants).push(line);
  if (line.type === "agreement") told.agreements.push(line);
  if (line.type === "signature") told.signatures.push(line);
}

async function toldProblem(space: Space, told: Told, depth: number): Promise<string | undefined> {
  const { header } = told;
  if (header === undefined) return "it has no header";
  const log = await readLog(space, header.gateway, depth);
  const report = await verifyLog(log);
  if (!report.holds) return `the log on chain does not hold: ${report.broken?.problem}`;
  const other = told.heads.find((head) => !isOfLog(head, log));
  if (other !== undefined) return `its head of size ${other.size} is not that of the chain`;
  const { asOf } = header;
  if (asOf.number > log.final.number) return `it tells of block ${asOf.number}, which is not final yet`;
  const block = await askHead(space.send, asOf.number);
  if (block.hash !== asOf.hash || block.time !== asOf.time) return `its block ${asOf.number} is not that of the chain`;
  for (const agreement of told.agreements)
    if (!isSame(agreement, await readBundleAgreement(space, agreement.id, asOf)))
      return `agreement ${agreement.id} is not as the chain tells it`;
  for (const participant of told.participants)
    if (!isSame(participant, await readParticipant(space, participant.id, asOf)))
      return `participant ${participant.id} is not as the chain tells it`;
  return periodProblem(told, log) ?? signersProblem(space, told, asOf);
}

/** Where a period's entries are the last of their head, the chain must not have had more of it. */
function periodProblem({ header, end }: Told, { batches }: LogFacts): string | undefined {
  if (header === undefined || end?.period == null || end.range?.until !== header.head.size) return undefined;
  const next = batches.find(({ start }) => start === header.head.size);
  const isMissing =
    next !== undefined && (next.block.number <= header.asOf.number || next.block.time < end.period.until);
  return isMissing ? `the log goes on: entries from ${next.start} on may be of its period` : undefined;
}

/** Those who signed before are told as of then; what they have done since changes nothing of it. */
async function signersProblem(space: Space, { signers, signatures }: Told, asOf: BlockFacts) {
  const head = await space.readHead();
  for (const { type: _, ...told } of signers) {
    const record = await readParticipant(space, told.id, head);
    if (
      record === undefined ||
      !canonicalBytes(recordAt(told, asOf.time)).equals(canonicalBytes(recordAt(record, asOf.time)))
    )
      return `participant ${told.id} is not as the chain tells it`;
    const foreign = signatures.find(
      ({ participant, key, madeAt }) => participant === told.id && !actedAt(record.keys, key, madeAt),
    );
    if (foreign !== undefined) return `${foreign.key} did not act for ${told.id}`;
  }
  return undefined;
}

function isSame(
  told: BundleAgreement | BundleParticipant,
  found: BundleAgreement | ParticipantRecord | undefined,
): boolean {
  return found !== undefined && canonicalBytes(told).equals(canonicalBytes({ ...found, type: told.type }));
}

function isOfLog({ start, size, root, transaction, block }: Told["heads"][number], { batches }: LogFacts): boolean {
  return batches.some(
    (batch) =>
      start === batch.start &&
      size === batch.size &&
      root === batch.root &&
      transaction === batch.transaction &&
      block.hash === batch.block.hash &&
      block.number === batch.block.number &&
      block.time === batch.block.time,
  );
}
