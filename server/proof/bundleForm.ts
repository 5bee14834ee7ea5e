import type { BundleLine } from "./bundle.ts";

const order: readonly BundleLine["type"][] = [
  "datapact/bundle/1",
  "participant",
  "agreement",
  "head",
  "entry",
  "end",
  "signature",
];

/** Whether a line stands in its place; to be asked of each line in turn. Says what is wrong; undefined if nothing is. */
export type JudgePlace = (line: BundleLine | undefined) => string | undefined;

export function createPlaceJudge(): JudgePlace {
  let place = -1;
  return (line) => {
    if (line === undefined) return "a line is not of a bundle's form";
    const at = placeOf(line, place);
    const isRepeated = at === place && (line.type === "end" || line.type === "datapact/bundle/1");
    const isHeaderless = place < 0 && at !== 0;
    if (at < place || isRepeated || isHeaderless) return `a line of type ${line.type} is out of place`;
    place = at;
    return undefined;
  };
}

/** Who signs may bring its own record along, after the end. */
function placeOf({ type }: BundleLine, place: number): number {
  return type === "participant" && place >= order.indexOf("end") ? order.indexOf("signature") : order.indexOf(type);
}
