/** How names of columns are read. */

/** Writes a name for the rules: lower case, words parted by `_`, without numbers at the end (`birthDate`, `DIAGNOSIS1`). */
export function plainName(name: string): string {
  const parted = name.replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1_$2").replace(/[^\p{L}\p{N}]+/gu, "_");
  return parted
    .toLowerCase()
    .replace(/_?\p{Nd}+$/u, "")
    .replace(/^_|_$/g, "");
}

/** Long texts that anybody may have written anything into. */
export const freeText =
  /(?:^|_)(?:notes?|line_?notes?|comments?|remarks?|narrative|free_?text|memo|history|complaint|report)(?:_|$)|(?:note|comment|remark)$|备注|主诉|病史|病程|病历内容|记录内容|说明|意见|小结|所见/u;

/** Says that a run-together name such as `CLAIMID` ends in a number's word; English words that end so are left out. */
export function endsLikeNumber(plain: string): boolean {
  if (/(?:acid|oid|lipid|paid|void|valid|fluid|solid|covid|aid|rapid|hybrid|liquid|grid|mid)$/.test(plain))
    return false;
  return /(?:id|uid|uuid|guid|mrn)$/.test(plain);
}
