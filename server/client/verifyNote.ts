import { readEvents } from "../chain/events.ts";
import type { Space } from "../chain/space.ts";
import { originOf, readCheckpoint } from "../domain/checkpoint.ts";
import { entryDigest } from "../domain/entry.ts";
import { fromHex, toHex, zeroHash } from "../domain/hash.ts";
import type { Hash, ParticipantId } from "../domain/ids.ts";
import type { TreeHead } from "../domain/merkle.ts";
import { openNote } from "../domain/signedNote.ts";
import { readCoseReceipt } from "../proof/coseReceipt.ts";
import { type Link, type Report, reportOf } from "../proof/report.ts";
import { type LogFacts, verifyLog } from "../proof/verifyLog.ts";
import type { Evidence } from "../proof/verifyReceipt.ts";
import { readBorneOut } from "./contradiction.ts";
import { readLog } from "./readLog.ts";

/** Verifies a checkpoint of a gateway's log against the chain: its key is published there, and the log had its head. */
export async function verifyCheckpoint(
  space: Space,
  gateway: ParticipantId,
  note: string,
  depth: number,
): Promise<Report> {
  const log = await readLog(space, gateway, depth);
  const origin = originOf(space.domainOf("AccessLog"), gateway);
  const keys = await readNoteKeys(space, gateway, log);
  const key = keys.find((publicKey) => openNote(note, { name: origin, publicKey: fromHex(publicKey) }) !== undefined);
  const text = key && openNote(note, { name: origin, publicKey: fromHex(key) });
  const head = text === undefined ? undefined : readCheckpoint(text, origin);
  const links: Link[] = [
    { check: "signature", problem: text === undefined ? "no key that the gateway published has signed it" : undefined },
    { check: "form", problem: head === undefined ? "it is no checkpoint of this log" : undefined },
    ...(await headLinks(log, head)),
  ];
  return reportOf("checkpoint", links, { origin, key: key ?? "none", size: head?.size ?? 0 });
}

/** Verifies a COSE receipt of an entry against the chain. */
export async function verifyCose(
  space: Space,
  { entry, receipt }: Evidence,
  bytes: Buffer,
  depth: number,
): Promise<Report> {
  const log = await readLog(space, receipt.gateway, depth);
  const origin = originOf(space.domainOf("AccessLog"), receipt.gateway);
  const keys = await readNoteKeys(space, receipt.gateway, log);
  const read = readCoseReceipt(bytes);
  const key = read && toHex(read.key);
  const root = read?.rootOver(fromHex(entryDigest(entry)));
  const head = read && root && { size: read.size, root };
  const links: Link[] = [
    { check: "form", problem: read === undefined ? "it is no COSE receipt of one inclusion proof" : undefined },
    { check: "issuer", problem: read?.issuer === origin ? undefined : "it is of another log" },
    {
      check: "key",
      problem: key !== undefined && keys.includes(key) ? undefined : "the gateway never published its key",
    },
    {
      check: "entry",
      problem: read?.index === receipt.index ? undefined : "it proves another index than the receipt names",
    },
    {
      check: "signature",
      problem: root === undefined ? "its key has not signed a root that this entry leads to" : undefined,
    },
    ...(await headLinks(log, head)),
  ];
  return reportOf("cose", links, { origin, key: key ?? "none", index: receipt.index, size: read?.size ?? 0 });
}

/** All keys that a gateway published, newest last. Throws `NodeContradicted` if the contract has another one now. */
async function readNoteKeys(space: Space, gateway: ParticipantId, { final }: LogFacts): Promise<Hash[]> {
  const published = await readBorneOut(async () => {
    const head = await space.readHead();
    const events = await readEvents(space, "AccessLog", gateway, head.number);
    const told = events.filter(({ name }) => name === "NoteKeyPublished");
    const isNewest = (await space.reader.noteKey(gateway, head.hash)) === (told.at(-1)?.args.key ?? zeroHash);
    return { told, problem: isNewest ? undefined : `${gateway} has another note key than its events tell` };
  });
  return published
    .filter(({ block, args }) => block <= final.number && args.key !== zeroHash)
    .map(({ args }) => args.key as Hash);
}

async function headLinks(log: LogFacts, head: TreeHead | undefined): Promise<Link[]> {
  const { broken } = await verifyLog(log);
  const isHead = log.batches.some(({ size, root }) => size === head?.size && root === toHex(head.root));
  return [
    { check: "log", problem: broken?.problem },
    { check: "head", problem: isHead ? undefined : "the log never had this head on chain" },
  ];
}
