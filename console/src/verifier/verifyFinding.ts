import type { Ask, Manifest } from "./chain.ts";
import { read } from "./chain.ts";
import { findingDigest, type SignedFinding, signerOf } from "./typedData.ts";

/** One revision of a finding as a page shows it, with what was signed of it. */
export type ShownFinding = {
  readonly id: string;
  readonly digest: string;
  readonly revision: number;
  readonly author: { readonly id: string; readonly name: string };
  readonly severity: string;
  readonly state: string;
  readonly text: string;
  readonly entries: readonly number[];
  readonly at: string;
  readonly signed: SignedFinding;
};

const zero = `0x${"0".repeat(64)}`;

/** Whether what is shown of a revision is what was signed, for this log, and follows the revision before it (undefined for the first). */
export function isAsSigned(
  shown: ShownFinding,
  before: ShownFinding | undefined,
  gateway: string,
  manifest: Manifest,
): boolean {
  const { finding, signature } = shown.signed;
  const { chainId, contracts } = manifest;
  const digest = findingDigest(finding, { chainId, verifyingContract: contracts.AccessLog?.address ?? "" });
  const links = before === undefined ? [zero, zero, digest] : [before.id, before.digest, before.id];
  return (
    digest === shown.digest &&
    signerOf(digest, signature) !== undefined &&
    finding.gateway === gateway &&
    JSON.stringify([finding.finding, finding.previous, shown.id]) === JSON.stringify(links) &&
    shown.revision === (before === undefined ? 0 : before.revision + 1) &&
    finding.text === shown.text &&
    finding.severity === shown.severity &&
    finding.state === shown.state &&
    JSON.stringify(finding.entries) === JSON.stringify(shown.entries) &&
    finding.at * 1_000 === Date.parse(shown.at)
  );
}

/** Whether the chain says that the key which signed was its author's then, and calls the author by the name that is shown. */
export async function isItsAuthors({ signed, author }: ShownFinding, ask: Ask, manifest: Manifest): Promise<boolean> {
  const { chainId, contracts } = manifest;
  const domain = { chainId, verifyingContract: contracts.AccessLog?.address ?? "" };
  const signer = signerOf(findingDigest(signed.finding, domain), signed.signature);
  if (signer === undefined) return false;
  const [[isKey], [participant]] = await Promise.all([
    read(ask, manifest, "ParticipantRegistry", "isKeyOf", [signer, author.id, signed.finding.at]),
    read(ask, manifest, "ParticipantRegistry", "participant", [author.id]),
  ]);
  return isKey === true && participant.name === author.name;
}
