import { fromHex, isEqual, sha256, toHex } from "./bytes.ts";
import { canonicalBytes } from "./canonical.ts";
import { type Ask, blockOf, eventsOf, isManifestsChain, type Manifest, quantity, read } from "./chain.ts";
import { rootOfPath } from "./tree.ts";
import { batchDigest, type Domain, type Request, requestDigest, signerOf } from "./typedData.ts";
import { rebuildLog } from "./verifyLog.ts";

/** An entry as it stands in the log. Members beside these are hashed, not read. */
export type Entry = {
  readonly type: string;
  readonly gateway: string;
  readonly time: string;
  readonly signer: string;
  readonly block: { readonly number: number; readonly hash: string } | null;
  readonly request?: string;
  readonly agreement?: string;
  readonly purpose?: string;
  readonly outcome?: string;
  readonly reason?: string | null;
  readonly result?: { readonly digest: string; readonly bytes: number; readonly rows: number } | null;
};

export type Receipt = {
  readonly gateway: string;
  readonly index: number;
  readonly entry: string;
  readonly start: number;
  readonly count: number;
  readonly issuedAt: number;
  readonly deadline: number;
  readonly path: readonly string[];
  readonly signature: string;
};

/** What there is to verify. `signed` and `result` are the consumer's; who reads the trail has neither. */
export type Evidence = {
  readonly entry: Entry;
  readonly receipt: Receipt;
  readonly signed?: { readonly request: Request; readonly signature: string };
  readonly result?: { readonly rows: readonly unknown[] };
};

/**
 * A path from the entry to a head of the log. Whoever gives it need not be trusted: the chain is asked for the head. Without one that holds,
 * the log is rebuilt from the chain.
 */
export type Proof = { readonly size: number; readonly root: string; readonly path: readonly string[] };

export const links = [
  "chain",
  "request",
  "result",
  "entry",
  "signature",
  "block",
  "time",
  "agreement",
  "inclusion",
] as const;
export type Link = (typeof links)[number];

/** Each link holds, is broken, or has nothing here to hold by. */
export type Verdict = "holds" | "broken" | "absent";
export type Verified = { readonly [L in Link]: Verdict };

const clockGrace = 60;
const requestWindow = 300;

/** Checks the chain of evidence link by link, against the chain that `ask` leads to. Of the gateway only the manifest is taken, which the reader must compare. */
export async function verifyEvidence(
  evidence: Evidence,
  proof: Proof | undefined,
  ask: Ask,
  manifest: Manifest,
): Promise<Verified> {
  const check = checksOf(evidence, proof, ask, manifest);
  const verdicts = await Promise.all(
    links.map(async (link) => {
      try {
        return [link, verdictOf(await check[link]())] as const;
      } catch (error) {
        // what cannot even be read does not hold; a chain that does not answer is another matter
        if (error instanceof TypeError) return [link, "broken"] as const;
        throw error;
      }
    }),
  );
  return Object.fromEntries(verdicts) as Verified;
}

const verdictOf = (found: boolean | undefined): Verdict =>
  found === undefined ? "absent" : found ? "holds" : "broken";

type Checks = { readonly [L in Link]: () => Promise<boolean | undefined> | boolean | undefined };

function checksOf(
  { entry, receipt, signed, result }: Evidence,
  proof: Proof | undefined,
  ask: Ask,
  manifest: Manifest,
): Checks {
  const isUsage = entry.type === "datapact/entry/1";
  const isPermitted = isUsage && entry.outcome === "Permitted";
  const domainOf = (contract: string): Domain => ({
    chainId: manifest.chainId,
    verifyingContract: manifest.contracts[contract]?.address ?? "",
  });
  const time = Math.floor(Date.parse(entry.time) / 1_000);
  const key = receiptKey(receipt, domainOf("AccessLog"));
  const actedFor = async (signer: string, participant: string, at: number): Promise<boolean> =>
    (await read(ask, manifest, "ParticipantRegistry", "isKeyOf", [signer, participant, at]))[0] === true;

  return {
    chain: () => isManifestsChain(ask, manifest),
    request: () => {
      if (!isUsage || signed === undefined) return undefined;
      const { request, signature } = signed;
      const digest = requestDigest(request, domainOf("UsagePolicy"));
      const same =
        request.gateway === entry.gateway && request.agreement === entry.agreement && request.purpose === entry.purpose;
      return digest === entry.request && signerOf(digest, signature) === entry.signer && same;
    },
    result: async () => {
      if (!isUsage) return undefined;
      if (!isPermitted) return result === undefined && entry.result === null && typeof entry.reason === "string";
      if (entry.result === null || entry.result === undefined || entry.reason !== null) return false;
      if (result === undefined) return undefined;
      const bytes = canonicalBytes(result);
      const { digest, bytes: length, rows } = entry.result;
      return toHex(await sha256(bytes)) === digest && bytes.length === length && result.rows.length === rows;
    },
    entry: async () =>
      toHex(await sha256(canonicalBytes(entry))) === receipt.entry && entry.gateway === receipt.gateway,
    signature: async () => {
      const signer = await key;
      return receipt.deadline > receipt.issuedAt && signer !== undefined
        ? actedFor(signer, receipt.gateway, receipt.issuedAt)
        : false;
    },
    block: async () => {
      if (entry.block === null) return !isPermitted;
      return (await blockOf(ask, entry.block.number))?.hash === entry.block.hash;
    },
    time: async () => {
      if (!(receipt.issuedAt >= time - clockGrace)) return false;
      if (!isPermitted) return true;
      if (signed !== undefined && Math.abs(time - signed.request.issuedAt) > requestWindow + clockGrace) return false;
      if (entry.block === null) return false;
      const { number } = entry.block;
      const [block, next] = await Promise.all([blockOf(ask, number), blockOf(ask, number + 1)]);
      if (block === undefined || block.time > time + clockGrace) return false;
      return next === undefined || next.time >= time - clockGrace;
    },
    agreement: async () => {
      if (!isPermitted) return undefined;
      if (entry.block === null || entry.agreement === undefined) return false;
      const [terms] = await read(ask, manifest, "AgreementRegistry", "terms", [entry.agreement]);
      const isValid = time >= Number(terms.validFrom) - clockGrace && time < Number(terms.validUntil) + clockGrace;
      if (terms.purpose !== entry.purpose || !isValid) return false;
      if (!(await actedFor(entry.signer, terms.assignee, time))) return false;
      // `signature` ties the key to the gateway at that time; the key may have been replaced since
      const [gateway] = await read(ask, manifest, "ParticipantRegistry", "participant", [entry.gateway]);
      if (gateway.hospital !== terms.assigner) return false;
      return stoodAt(ask, manifest, entry.agreement, entry.block.number);
    },
    inclusion: async () => {
      if (proof !== undefined && (await isProven(receipt, proof, ask, manifest))) return true;
      return isAnchored(receipt, ask, manifest);
    },
  };
}

/** The account that signed a receipt; undefined if its path does not belong to its index. */
async function receiptKey(receipt: Receipt, domain: Domain): Promise<string | undefined> {
  const { gateway, start, count, issuedAt, deadline, index, path, entry, signature } = receipt;
  const root = await rootOfPath(fromHex(entry), index - start, count, path.map(fromHex));
  if (root === undefined) return undefined;
  return signerOf(batchDigest({ gateway, start, count, root: toHex(root), issuedAt, deadline }, domain), signature);
}

/** Whether a path leads from the entry to a head that the chain knows. A path that does not says nothing of the entry. */
async function isProven({ gateway, index, entry }: Receipt, proof: Proof, ask: Ask, manifest: Manifest) {
  const { size, root } = proof;
  const reached = await rootOfPath(fromHex(entry), index, size, proof.path.map(fromHex));
  if (reached === undefined || !isEqual(reached, fromHex(root))) return false;
  return (await read(ask, manifest, "AccessLog", "isHead", [gateway, { size, root }]))[0] === true;
}

/**
 * Whether the log, rebuilt from the chain alone, has the entry at its index; undefined while it is shorter and the deadline is ahead.
 * Throws if the chain that is asked contradicts itself.
 */
async function isAnchored(receipt: Receipt, ask: Ask, manifest: Manifest): Promise<boolean | undefined> {
  const { gateway, index, entry, deadline } = receipt;
  const log = await rebuildLog(ask, manifest, gateway, index);
  if (!log.holds) throw new Error("its events do not make up the log that its contract tells");
  if (log.sought !== undefined) return log.sought === entry;
  const isOverdue = log.time >= deadline || Date.now() / 1_000 >= deadline + clockGrace;
  return isOverdue ? false : undefined;
}

/** What the events of an agreement amount to. `stops`: by capacity, whether it is suspended. */
type Life = { readonly isFinal: boolean; readonly hasEnded: boolean; readonly stops: readonly boolean[] };

function lifeOf(events: Awaited<ReturnType<typeof eventsOf>>): Life {
  const stops = [false, false, false];
  let [isFinal, hasEnded] = [false, false];
  for (const { name, args } of events) {
    if (name === "AgreementFinalized") isFinal = true;
    if (name === "AgreementSuspended") stops[Number(args.capacity)] = true;
    if (name === "AgreementReinstated") stops[Number(args.capacity)] = false;
    if (name === "AgreementTerminated" || name === "AgreementReplaced") hasEnded = true;
  }
  return { isFinal, hasEnded, stops };
}

/**
 * Whether an agreement was finalized, and neither suspended nor ended, after a block. Throws if its events up to now do not make up what the
 * registry tells of it: a node that leaves a suspension out contradicts itself. One that leaves out a suspension and its undoing is not found.
 */
async function stoodAt(ask: Ask, manifest: Manifest, id: string, block: number): Promise<boolean> {
  const newest = quantity(Number(await ask("eth_blockNumber", [])));
  const events = await eventsOf(ask, manifest, "AgreementRegistry", id, newest);
  const [facts] = await read(ask, manifest, "AgreementRegistry", "facts", [id], newest);
  const told: Life = {
    isFinal: facts.finalizedAt !== 0n,
    hasEnded: facts.terminatedAt !== 0n,
    stops: [...facts.suspendedAt].map((since) => since !== 0n),
  };
  if (JSON.stringify(lifeOf(events)) !== JSON.stringify(told))
    throw new Error("its events do not make up the agreement that its registry tells");
  const { isFinal, hasEnded, stops } = lifeOf(events.filter((event) => event.block <= block));
  return isFinal && !hasEnded && !stops.includes(true);
}
