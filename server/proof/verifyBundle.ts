import { canonicalBytes } from "../domain/entry.ts";
import type { Address, AgreementId, Hash, ParticipantId } from "../domain/ids.ts";
import { contractNames, type Manifest } from "../domain/manifest.ts";
import { participantId } from "../domain/typedData.ts";
import type { BundleAgreement, BundleEnd, BundleHeader, BundleLine, BundleParticipant } from "./bundle.ts";
import { judgeSignatures, textProblem } from "./bundleAgreement.ts";
import { type BundleCheck, bundleChecks, type Note } from "./bundleChecks.ts";
import { bundleClaims, bundleConclusions, bundleFacts } from "./bundleClaims.ts";
import { bundleDomain } from "./bundleDomain.ts";
import { noEntries, takeEntry } from "./bundleEntries.ts";
import { createPlaceJudge } from "./bundleForm.ts";
import { headProblem } from "./bundleHead.ts";
import { createBundleHeads } from "./bundleHeads.ts";
import { periodProblem, rangeProblem } from "./bundlePeriod.ts";
import { knownOf, type Signed, sealProblem } from "./bundleSeal.ts";
import { type ParticipantRecord, recordAt } from "./keyHistory.ts";
import { type Link, type Report, reportOf } from "./report.ts";

/** What the reader knows from elsewhere. What is not given here is only claimed by the bundle. */
export type Pins = {
  readonly manifest?: Manifest;
  /** Accounts of which one must have signed the bundle. */
  readonly signers?: readonly Address[];
  /** Whether the reader itself asks the chain what no bundle can prove, such as what contract wallets accepted. */
  readonly isChainAsked?: boolean;
};

/** Takes a bundle line by line, so that one of any size is verified in bounded memory. */
export type BundleVerifier = {
  /**
   * Takes the next line; undefined for one that is none.
   * @param before SHA-256 of all bytes before this line: what a signature covers.
   */
  readonly add: (line: BundleLine | undefined, before: Hash) => void;
  readonly finish: () => Report;
};

export function createBundleVerifier(pins: Pins = {}): BundleVerifier {
  const problems = new Map<BundleCheck, string>();
  const note: Note = (check, problem) => {
    if (problem !== undefined && !problems.has(check)) problems.set(check, problem);
  };
  const placeProblem = createPlaceJudge();
  const participants = new Map<ParticipantId, ParticipantRecord>();
  /** Of those who sign, as their own lines after the end tell them: nothing before is told anew by these. */
  const signers = new Map<ParticipantId, ParticipantRecord>();
  const agreements = new Map<AgreementId, BundleAgreement>();
  const heads = createBundleHeads();
  const foreign: string[] = [];
  const signatures: Signed[] = [];
  const find = (id: ParticipantId): ParticipantRecord | undefined => participants.get(id);
  const known = { heads, find, agreementOf: (id: AgreementId) => agreements.get(id) };
  let header: BundleHeader | undefined;
  let end: BundleEnd | undefined;
  let seen = noEntries;
  let isHeadJudged = false;

  const addParticipant = (line: BundleParticipant, { asOf }: BundleHeader): void => {
    if (participantId(line.registrationNumber) !== line.id)
      note("participants", `${line.id} is not the id of its registration number`);
    const before = signers.get(line.id) ?? participants.get(line.id);
    const formOf = (record: ParticipantRecord): Buffer => canonicalBytes(recordAt(record, asOf.time));
    if (before !== undefined && !formOf(before).equals(formOf(line))) note("form", `${line.id} is told in two ways`);
    (end === undefined ? participants : signers).set(line.id, line);
  };

  const addAgreement = (line: BundleAgreement, top: BundleHeader): void => {
    const registry = bundleDomain("AgreementRegistry", top);
    note("agreements", textProblem(line, registry));
    const judged = judgeSignatures(line, registry, find);
    note("signatures", judged.problem);
    foreign.push(...judged.foreign);
    agreements.set(line.id, line);
  };

  /** The head is judged once all participants are known. */
  const judgeHead = (top: BundleHeader): void => {
    if (!isHeadJudged) note("head", headProblem(top, find(top.gateway)?.keys ?? []));
    isHeadJudged = true;
  };

  const add = (line: BundleLine | undefined, before: Hash): void => {
    const misplaced = placeProblem(line);
    note("form", misplaced);
    if (line === undefined || misplaced !== undefined) return;
    if (line.type === "datapact/bundle/1") {
      header = line;
      if (pins.manifest !== undefined && !isSame(pins.manifest, line.manifest))
        note("manifest", "the bundle is about another deployment");
    }
    if (header === undefined) return;
    if (line.type === "participant") addParticipant(line, header);
    else if (line.type !== "datapact/bundle/1") judgeHead(header);
    if (line.type === "agreement") addAgreement(line, header);
    if (line.type === "head") note("heads", heads.add(line, header.head));
    if (line.type === "entry") seen = takeEntry(seen, line, header, known, note);
    if (line.type === "end") end = line;
    if (line.type === "signature") signatures.push({ ...line, digest: before, record: signers.get(line.participant) });
  };

  const finish = (): Report => {
    const vouching = knownOf(signatures, pins.signers);
    if (header === undefined) note("form", "the bundle has no header");
    if (header !== undefined && find(header.gateway)?.hospital == null)
      note("participants", "the gateway's record is missing");
    note("range", rangeProblem(end, seen));
    const lookedAt = Math.max(0, ...vouching.map(({ madeAt }) => madeAt));
    if (header !== undefined && end !== undefined) note("period", periodProblem(end, header, heads, seen, lookedAt));
    note("seal", sealProblem(header, signatures, vouching));
    // without a signer whom the reader named, nobody has said that a contract wallet accepted what no key signed
    if (pins.signers === undefined && pins.isChainAsked !== true && foreign[0] !== undefined)
      note("signatures", `${foreign[0]}: only the chain can tell whether a contract wallet accepted it`);
    const name = (header && find(header.gateway)?.name) ?? "unknown";
    const told = { header, end, seen, agreements: agreements.size, foreign, name, signatures, known: vouching };
    // lines that are out of form or place were not looked at, and without an end nobody knows which period is meant
    const isJudged = (check: BundleCheck): boolean =>
      !problems.has("form") && (check !== "period" || end !== undefined);
    const links = bundleChecks.map(
      (check): Link<BundleCheck> => ({ check, problem: problems.get(check), isJudged: isJudged(check) }),
    );
    const pinned = { manifest: pins.manifest !== undefined, signers: pins.signers !== undefined };
    return reportOf("bundle", links, bundleFacts(told), bundleConclusions(told), bundleClaims(told, pinned));
  };

  return { add, finish };
}

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
