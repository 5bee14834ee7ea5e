import type { BundleEnd, BundleHeader } from "./bundle.ts";
import type { SeenEntries } from "./bundleEntries.ts";
import { isOpenEnded } from "./bundlePeriod.ts";
import { namesOf, type Signed } from "./bundleSeal.ts";
import type { Facts } from "./report.ts";

/** All that a bundle told, once it was read. */
export type ToldByBundle = {
  readonly header: BundleHeader | undefined;
  readonly end: BundleEnd | undefined;
  readonly seen: SeenEntries;
  readonly agreements: number;
  /** Signatures of agreements that are not their key's own, in words. */
  readonly foreign: readonly string[];
  /** The gateway's name. */
  readonly name: string;
  readonly signatures: readonly Signed[];
  readonly known: readonly Signed[];
};

const written = (seconds: number): string => new Date(seconds * 1_000).toISOString().replace(".000Z", "Z");

/** What a bundle tells of itself, by name. */
export function bundleFacts({ header, seen, agreements, name }: ToldByBundle): Facts {
  if (header === undefined) return {};
  const { gateway, head, asOf, manifest } = header;
  return {
    gateway,
    name,
    entries: seen.entries,
    uses: seen.uses,
    "first index": seen.first,
    "last index": seen.last,
    from: seen.earliest,
    until: seen.latest,
    agreements,
    "head size": head.size,
    "head root": head.root,
    "head block": head.block.number,
    "told up to block": asOf.number,
    chain: manifest.chainId,
  };
}

/** What follows from a bundle that holds: how complete it is, and who vouches for it. */
export function bundleConclusions({ end, signatures, known }: ToldByBundle): Facts {
  const others = signatures.filter((one) => !known.includes(one));
  return {
    complete: end?.range == null ? "a selection" : `all entries from ${end.range.from} to before ${end.range.until}`,
    ...(end?.period == null
      ? {}
      : { period: `all entries from ${written(end.period.from)} to before ${written(end.period.until)}` }),
    "signed by": namesOf(known),
    ...(others.length === 0 ? {} : { "signed too, not by whom you named": namesOf(others) }),
  };
}

/** What a bundle does not prove, in sentences, and who vouches for it. */
export function bundleClaims(
  { header, end, seen, foreign, known }: ToldByBundle,
  pinned: { readonly manifest: boolean; readonly signers: boolean },
): string[] {
  const by = namesOf(known) || "nobody";
  const { head, asOf } = header ?? {};
  return [
    ...(pinned.signers
      ? []
      : ["That those who signed are who they are said to be: name an account that you know by --signer."]),
    ...(pinned.manifest
      ? []
      : ["That the manifest names the right chain and contracts: compare it with your own copy by --manifest."]),
    `That the blocks named here stood in the chain, at these times. The gateway's key itself signed the entries of the batch from ${head?.start ?? 0} to before ${head?.size ?? 0}, and those with a receipt; that all others are what it recorded, and that the chain took this head, vouches ${by}.`,
    `That participants, roles, keys and the life of agreements are as told, up to block ${asOf?.number ?? 0}: they are events of the chain, for which vouches ${by}.`,
    ...foreign.map(
      (one) =>
        `That a contract wallet (ERC-1271) accepted what no key signed: ${one}. Only the chain can tell, and for it vouches ${by}.`,
    ),
    ...(end !== undefined && isOpenEnded(end, seen)
      ? [
          `That no entry of the period was anchored after these: the log ends with them up to block ${asOf?.number ?? 0}, for which vouches ${by}. What was recorded last and not anchored yet is not here.`,
        ]
      : []),
    "That nothing was appended since, and that no later head contradicts this one: `datapact verify log` shows it while the chain answers.",
  ];
}
