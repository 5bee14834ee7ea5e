import { createReadStream } from "node:fs";
import type { Space } from "../chain/space.ts";
import type { BundleHead, BundleHeader } from "../proof/bundle.ts";
import { verifyLog } from "../proof/verifyLog.ts";
import { linesOf, readBundleLine, verifyBundleFile } from "./bundleFile.ts";
import { readLog } from "./readLog.ts";

/**
 * Why nobody should vouch for a bundle; undefined if it holds and each of its heads stands in the chain, in the block and transaction that
 * it names.
 */
export async function vouchProblem(space: Space, file: string, depth: number): Promise<string | undefined> {
  const { broken } = await verifyBundleFile(file, { manifest: space.manifest });
  if (broken !== null && broken.check !== "seal") return `${broken.check}: ${broken.problem}`;
  const heads: (BundleHead | BundleHeader["head"])[] = [];
  let header: BundleHeader | undefined;
  for await (const bytes of linesOf(createReadStream(file))) {
    const line = readBundleLine(bytes);
    if (line?.type === "datapact/bundle/1") {
      header = line;
      heads.push(line.head);
    }
    if (line?.type === "head") heads.push(line);
  }
  if (header === undefined) return "it has no header";
  const log = await readLog(space, header.gateway, depth);
  const report = await verifyLog(log);
  if (!report.holds) return `the log on chain does not hold: ${report.broken?.problem}`;
  const other = heads.find(
    (head) =>
      !log.batches.some(
        ({ size, root, block, transaction }) =>
          size === head.size &&
          root === head.root &&
          transaction === head.transaction &&
          block.hash === head.block.hash &&
          block.number === head.block.number &&
          block.time === head.block.time,
      ),
  );
  return other && `its head of size ${other.size} is not that of the chain`;
}
