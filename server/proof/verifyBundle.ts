import { isConsistent } from "../domain/consistency.ts";
import { canonicalBytes, entryDigest } from "../domain/entry.ts";
import { fromHex, toHex } from "../domain/hash.ts";
import type { Address, AgreementId, Hash, ParticipantId } from "../domain/ids.ts";
import { type ContractName, contractNames, type Manifest } from "../domain/manifest.ts";
import { rootFromPath } from "../domain/merkle.ts";
import { createReceiptSignerFinder } from "../domain/receiptSigner.ts";
import { recoverSigner } from "../domain/signature.ts";
import { createBundleHasher, participantId, type SigningDomain } from "../domain/typedData.ts";
import type {
  BundleAgreement,
  BundleEnd,
  BundleEntry,
  BundleHead,
  BundleHeader,
  BundleLine,
  BundleSignature,
} from "./bundle.ts";
import { problemOfUse, signaturesProblem, textProblem } from "./bundleAgreement.ts";
import { headProblem } from "./bundleHead.ts";
import { actedAt, type ParticipantRecord, recordAt } from "./keyHistory.ts";
import { type Link, type Report, reportOf } from "./report.ts";
import { type Evidence, freshnessProblem, promiseProblem, verifyReceipt } from "./verifyReceipt.ts";

export const bundleChecks = [
  "form",
  "manifest",
  "participants",
  "head",
  "heads",
  "agreements",
  "signatures",
  "entries",
  "receipts",
  "uses",
  "promises",
  "range",
  "seal",
] as const;
export type BundleCheck = (typeof bundleChecks)[number];

/** What the reader knows from elsewhere. What is not given here is only claimed by the bundle. */
export type Pins = {
  readonly manifest?: Manifest;
  /** Accounts of which one must have signed the bundle. */
  readonly signers?: readonly Address[];
};

type Signed = BundleSignature & { readonly digest: Hash; readonly record: ParticipantRecord | undefined };

/** Takes a bundle line by line, so that one of any size is verified in bounded memory. */
export type BundleVerifier = {
  /**
   * Takes the next line; undefined for one that is none.
   * @param before SHA-256 of all bytes before this line: what a signature covers.
   */
  readonly add: (line: BundleLine | undefined, before: Hash) => void;
  readonly finish: () => Report;
};

const order: readonly BundleLine["type"][] = [
  "datapact/bundle/1",
  "participant",
  "agreement",
  "head",
  "entry",
  "end",
  "signature",
];

export function createBundleVerifier(pins: Pins = {}): BundleVerifier {
  const problems = new Map<BundleCheck, string>();
  const note = (check: BundleCheck, problem: string | undefined): void => {
    if (problem !== undefined && !problems.has(check)) problems.set(check, problem);
  };
  const participants = new Map<ParticipantId, ParticipantRecord>();
  const agreements = new Map<AgreementId, BundleAgreement>();
  const heads: BundleHead[] = [];
  /** Of those who sign, as their own lines after the end tell them: nothing before is told anew by these. */
  const signers = new Map<ParticipantId, ParticipantRecord>();
  const signatures: Signed[] = [];
  const find = (id: ParticipantId): ParticipantRecord | undefined => participants.get(id);
  let header: BundleHeader | undefined;
  let end: BundleEnd | undefined;
  let place = -1;
  let seen = { entries: 0, first: -1, last: -1, isWhole: true, uses: 0, earliest: "", latest: "" };

  /** Without pins all who signed are taken at their word. */
  const isKnown = ({ key }: Signed): boolean => pins.signers?.includes(key) ?? true;
  const namesOf = (those: readonly Signed[]): string =>
    those.map(({ participant, key, record }) => `${record?.name ?? participant} (${key})`).join(", ");

  const domainOf = (name: ContractName, { manifest }: BundleHeader): SigningDomain => ({
    chainId: manifest.chainId,
    verifyingContract: manifest.contracts[name].address,
  });

  const addHead = (head: BundleHead, top: BundleHeader): void => {
    const before = heads.at(-1);
    if (before !== undefined && head.start < before.size)
      note("heads", `the head of size ${head.size} is out of order`);
    const [earlier, later] = [head, top.head].map(({ size, root }) => ({ size, root: fromHex(root) }));
    const isPart = earlier && later && isConsistent(earlier, later, head.consistency.map(fromHex));
    if (isPart !== true) note("heads", `the head of size ${head.size} does not lead to that of size ${top.head.size}`);
    heads.push(head);
  };

  const addEntry = (line: BundleEntry, top: BundleHeader): void => {
    const { index, entry, path } = line;
    const told = `entry ${index}`;
    if (index <= seen.last) note("form", `${told} is out of order`);
    if (entry.gateway !== top.gateway) note("entries", `${told} is another gateway's`);
    const root = rootFromPath(fromHex(entryDigest(entry)), index, top.head.size, path.map(fromHex));
    if (root === undefined || toHex(root) !== top.head.root) note("entries", `${told} does not stand at its index`);
    const anchor = heads.find(({ start, size }) => start <= index && index < size);
    if (anchor === undefined) note("heads", `the batch of ${told} is missing`);
    note("receipts", receiptProblem(line, top));
    if (line.receipt !== undefined && anchor !== undefined && anchor.block.time >= line.receipt.deadline)
      note("promises", `${told} was anchored after its deadline`);
    if (entry.type === "datapact/entry/1" && entry.outcome === "Permitted") {
      const problem = problemOfUse(entry, agreements.get(entry.agreement), find);
      note("uses", problem && `${told}: ${problem}`);
    }
    const [first, uses] = [seen.entries === 0 ? index : seen.first, entry.type === "datapact/entry/1" ? 1 : 0];
    const isWhole = seen.isWhole && (seen.entries === 0 || index === seen.last + 1);
    const earliest = seen.earliest === "" || entry.time < seen.earliest ? entry.time : seen.earliest;
    const latest = entry.time > seen.latest ? entry.time : seen.latest;
    seen = { entries: seen.entries + 1, first, last: index, isWhole, uses: seen.uses + uses, earliest, latest };
  };

  /** What a consumer added is held against the entry, as of evidence that it keeps alone. */
  const receiptProblem = ({ index, entry, receipt, signed, result }: BundleEntry, top: BundleHeader) => {
    const told = `entry ${index}`;
    if (receipt === undefined)
      return signed === undefined && result === undefined ? undefined : `${told} has no receipt`;
    if (receipt.index !== index || receipt.entry !== entryDigest(entry) || receipt.gateway !== top.gateway)
      return `the receipt of ${told} is another entry's`;
    const key = createReceiptSignerFinder(domainOf("AccessLog", top))(receipt);
    const keys = find(top.gateway)?.keys ?? [];
    if (receipt.deadline <= receipt.issuedAt || key === undefined || !actedAt(keys, key, receipt.issuedAt))
      return `the receipt of ${told} was not signed by a key of the gateway at that time`;
    const late = promiseProblem(entry, receipt);
    if (late !== undefined) return `${told}: ${late}`;
    if (signed === undefined) return result === undefined ? undefined : `${told} has a result and no request`;
    if (entry.type !== "datapact/entry/1") return `${told} has a request and is no use`;
    const stale = freshnessProblem(entry, signed);
    if (stale !== undefined) return `${told}: ${stale}`;
    const evidence: Evidence = { signed, entry, receipt, ...(result === undefined ? {} : { result }) };
    const links = verifyReceipt(evidence, { ...nothing, ...domainsOf(top) });
    const own = links.find(
      ({ check, problem }) => (check === "request" || check === "result") && problem !== undefined,
    );
    // whoever hands on a bundle may keep the result to itself
    return own?.check === "result" && result === undefined ? undefined : own && `${told}: ${own.problem}`;
  };
  const domainsOf = (top: BundleHeader) => ({
    accessLog: domainOf("AccessLog", top),
    usagePolicy: domainOf("UsagePolicy", top),
  });

  const begin = (line: BundleHeader): void => {
    header = line;
    const { manifest } = pins;
    if (manifest !== undefined && !isSame(manifest, line.manifest))
      note("manifest", "the bundle is about another deployment");
  };

  const add = (line: BundleLine | undefined, before: Hash): void => {
    const at = line === undefined ? -1 : placeOf(line, place);
    const isRepeated = line?.type === "end" || line?.type === "datapact/bundle/1" ? at === place : false;
    const isFirst = header === undefined && line?.type !== "datapact/bundle/1";
    if (line === undefined || at < place || isRepeated || isFirst) {
      note(
        "form",
        line === undefined ? "a line is not of a bundle's form" : `a line of type ${line.type} is out of place`,
      );
      return;
    }
    // the head is judged once all participants are known
    if (place < 2 && at >= 2 && header !== undefined)
      note("head", headProblem(header, find(header.gateway)?.keys ?? []));
    place = at;
    if (line.type === "datapact/bundle/1") begin(line);
    if (header === undefined) return;
    if (line.type === "participant") {
      if (participantId(line.registrationNumber) !== line.id)
        note("participants", `${line.id} is not the id of its registration number`);
      const known = signers.get(line.id) ?? participants.get(line.id);
      const { time } = header.asOf;
      if (known !== undefined && !canonicalBytes(recordAt(known, time)).equals(canonicalBytes(recordAt(line, time))))
        note("form", `${line.id} is told in two ways`);
      (end === undefined ? participants : signers).set(line.id, line);
    }
    if (line.type === "agreement") {
      const registry = domainOf("AgreementRegistry", header);
      note("agreements", textProblem(line, registry));
      note("signatures", signaturesProblem(line, registry, find));
      agreements.set(line.id, line);
    }
    if (line.type === "head") addHead(line, header);
    if (line.type === "entry") addEntry(line, header);
    if (line.type === "end") end = line;
    if (line.type === "signature") signatures.push({ ...line, digest: before, record: signers.get(line.participant) });
  };

  const sealProblem = (): string | undefined => {
    if (header === undefined || signatures.length === 0) return "nobody has signed the bundle";
    const hash = createBundleHasher(domainOf("AccessLog", header));
    for (const { digest, participant, key, madeAt, signature, record } of signatures) {
      if (recoverSigner(hash({ digest, participant, madeAt }), signature) !== key)
        return `${key} has not signed this bundle`;
      if (!actedAt(record?.keys ?? [], key, madeAt)) return `${key} did not act for whom it signed`;
    }
    return signatures.some(isKnown) ? undefined : "none of those who signed is one that you named";
  };

  const rangeProblem = (): string | undefined => {
    if (end === undefined) return "the bundle has no end";
    if (end.entries !== seen.entries) return `the bundle tells of ${end.entries} entries and has ${seen.entries}`;
    const { range } = end;
    if (range === null) return undefined;
    const isWhole = seen.isWhole && range.from === seen.first && range.until === seen.last + 1;
    return isWhole || (seen.entries === 0 && range.from === range.until)
      ? undefined
      : "entries of the range are missing";
  };

  return {
    add,
    finish: () => {
      if (header === undefined) note("form", "the bundle has no header");
      if (header !== undefined && find(header.gateway)?.hospital == null)
        note("participants", "the gateway's record is missing");
      note("range", rangeProblem());
      note("seal", sealProblem());
      const links = bundleChecks.map((check): Link<BundleCheck> => ({ check, problem: problems.get(check) }));
      return reportOf("bundle", links, factsOf(), claimsOf());
    },
  };

  function factsOf(): Report["facts"] {
    if (header === undefined) return {};
    const { gateway, head, asOf, manifest } = header;
    return {
      gateway,
      name: find(gateway)?.name ?? "unknown",
      entries: seen.entries,
      uses: seen.uses,
      "first index": seen.first,
      "last index": seen.last,
      from: seen.earliest,
      until: seen.latest,
      complete: end?.range == null ? "a selection" : `all entries from ${end.range.from} to before ${end.range.until}`,
      agreements: agreements.size,
      "head size": head.size,
      "head root": head.root,
      "head block": head.block.number,
      "told up to block": asOf.number,
      chain: manifest.chainId,
      "signed by": namesOf(signatures.filter(isKnown)),
      ...(signatures.every(isKnown)
        ? {}
        : { "signed too, not by whom you named": namesOf(signatures.filter((one) => !isKnown(one))) }),
    };
  }

  function claimsOf(): string[] {
    const by = namesOf(signatures.filter(isKnown)) || "nobody";
    const claims = [
      `That the blocks named here stood in the chain, at these times. The gateway's key itself signed the entries of the batch from ${header?.head.start ?? 0} to before ${header?.head.size ?? 0}, and those with a receipt; that all others are what it recorded, and that the chain took this head, vouches ${by}.`,
      `That participants, roles, keys and the life of agreements are as told, up to block ${header?.asOf.number ?? 0}: they are events of the chain, for which vouches ${by}.`,
      "That nothing was appended since, and that no later head contradicts this one: `datapact verify log` shows it while the chain answers.",
    ];
    if (pins.manifest === undefined)
      claims.unshift(
        "That the manifest names the right chain and contracts: compare it with your own copy by --manifest.",
      );
    if (pins.signers === undefined)
      claims.unshift("That those who signed are who they are said to be: name an account that you know by --signer.");
    return claims;
  }
}

/** Who signs may bring its own record along, after the end. */
function placeOf({ type }: BundleLine, place: number): number {
  return type === "participant" && place >= order.indexOf("end") ? order.indexOf("signature") : order.indexOf(type);
}

/** Only request and result are looked at, for which the chain is not asked. */
const nothing = {
  chain: undefined,
  log: undefined,
  isGatewayKey: () => false,
  block: undefined,
  agreement: undefined,
  inclusion: undefined,
};

function isSame(one: Manifest, other: Manifest): boolean {
  const isSamePlace = one.chainId === other.chainId && one.block === other.block && one.blockHash === other.blockHash;
  return (
    isSamePlace &&
    contractNames.every(
      (name) =>
        one.contracts[name].address === other.contracts[name].address &&
        one.contracts[name].codeHash === other.contracts[name].codeHash,
    )
  );
}
