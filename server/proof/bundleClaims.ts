import type { BundleEnd, BundleHeader } from "./bundle.ts";
import type { SeenEntries } from "./bundleEntries.ts";
import { isOpenEnded } from "./bundlePeriod.ts";
import { namesOf, type Signed } from "./bundleSeal.ts";
import type { Report } from "./report.ts";

/** All that a bundle told, once it was read. */
export type ToldByBundle = {
  readonly header: BundleHeader | undefined;
  readonly end: BundleEnd | undefined;
  readonly seen: SeenEntries;
  readonly agreements: number;
  /** Who signed, in words, where the signature is a contract wallet's. */
  readonly wallets: readonly string[];
  /** The gateway's name. */
  readonly name: string;
  readonly signatures: readonly Signed[];
  readonly known: readonly Signed[];
};

const written = (seconds: number): string => new Date(seconds * 1_000).toISOString().replace(".000Z", "Z");

/** What was found in a bundle, by name. */
export function bundleFacts(told: ToldByBundle): Report["facts"] {
  const { header, end, seen, agreements, name, signatures, known } = told;
  if (header === undefined) return {};
  const { gateway, head, asOf, manifest } = header;
  const others = signatures.filter((one) => !known.includes(one));
  return {
    gateway,
    name,
    entries: seen.entries,
    uses: seen.uses,
    "first index": seen.first,
    "last index": seen.last,
    from: seen.earliest,
    until: seen.latest,
    complete: end?.range == null ? "a selection" : `all entries from ${end.range.from} to before ${end.range.until}`,
    ...(end?.period == null
      ? {}
      : { period: `all entries from ${written(end.period.from)} to before ${written(end.period.until)}` }),
    agreements,
    "head size": head.size,
    "head root": head.root,
    "head block": head.block.number,
    "told up to block": asOf.number,
    chain: manifest.chainId,
    "signed by": namesOf(known),
    ...(others.length === 0 ? {} : { "signed too, not by whom you named": namesOf(others) }),
  };
}

/** What a bundle does not prove, in sentences, and who vouches for it. */
export function bundleClaims(
  { header, end, seen, wallets, known }: ToldByBundle,
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
    ...(wallets.length === 0
      ? []
      : [
          `That ${wallets.join(" and that ")}: that is the signature of a contract wallet (ERC-1271), which only the chain can check, and for which vouches ${by}.`,
        ]),
    ...(end !== undefined && isOpenEnded(end, seen)
      ? [
          `That no entry of the period was anchored after these: the log ends with them up to block ${asOf?.number ?? 0}, for which vouches ${by}. What was recorded last and not anchored yet is not here.`,
        ]
      : []),
    "That nothing was appended since, and that no later head contradicts this one: `datapact verify log` shows it while the chain answers.",
  ];
}
