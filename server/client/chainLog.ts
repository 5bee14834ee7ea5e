import type { Space } from "../chain/space.ts";
import type { ParticipantId } from "../domain/ids.ts";
import { createMerkleTree, type MerkleTree } from "../domain/merkle.ts";
import { defectOf, type LogFacts, verifyLog } from "../proof/verifyLog.ts";
import { digestsOf, readLog } from "./readLog.ts";

/** Thrown when what the node shows of a log does not hold together. */
export class LogInconsistent extends Error {
  override readonly name = "LogInconsistent";
}

/** A log as the chain alone tells it. */
export type ChainLog = { readonly tree: MerkleTree; readonly digests: readonly Buffer[] };

/**
 * Rebuilds a gateway's log from the chain alone, up to its newest block. Throws `LogInconsistent`, saying where, if it does not hold; a
 * log that is stopped for a broken promise is still a log.
 */
export async function rebuildLog(space: Space, gateway: ParticipantId): Promise<ChainLog> {
  const { batches, ...facts } = await readLog(space, gateway);
  const broken = defectOf(await verifyLog({ ...facts, batches }));
  if (broken !== undefined) throw new LogInconsistent(broken.problem);
  return treeOf({ batches });
}

/** The tree of a log that has been verified. */
export function treeOf({ batches }: Pick<LogFacts, "batches">): ChainLog {
  const digests = digestsOf(batches);
  const tree = createMerkleTree();
  tree.append(digests);
  return { tree, digests };
}
