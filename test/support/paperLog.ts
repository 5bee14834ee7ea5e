import { encodeCall } from "../../server/chain/encode.ts";
import { fromHex, toHex } from "../../server/domain/hash.ts";
import type { Address, Hash, ParticipantId } from "../../server/domain/ids.ts";
import { contractNames, type Manifest } from "../../server/domain/manifest.ts";
import { createMerkleTree } from "../../server/domain/merkle.ts";
import { participantId } from "../../server/domain/typedData.ts";
import type { BatchFacts, BlockFacts, LogFacts } from "../../server/proof/verifyLog.ts";
import { bytes32 } from "./evidence.ts";

const address = (text: string): Address => bytes32<Address>(text).slice(0, 42) as Address;
export const paperManifest: Manifest = {
  chainId: 31_337,
  block: 1,
  blockHash: bytes32("block 1"),
  contracts: Object.fromEntries(
    contractNames.map((name) => [name, { address: address(name), codeHash: bytes32(`code of ${name}`) }]),
  ) as Manifest["contracts"],
};

const number = "DEMO-HOS-0001/1";
const gateway: ParticipantId = participantId(number);
const blockAt = (at: number): BlockFacts => ({
  number: at,
  hash: bytes32(`block ${at}`),
  time: 1_790_000_000 + at * 12,
});

/** What JSON-RPC would tell of a log with batches of these sizes, each in a block of its own from block 5 on. */
export function paperLog(counts: readonly number[]): LogFacts {
  const tree = createMerkleTree();
  const batches = counts.map((count, i): BatchFacts => {
    const start = tree.size();
    const entries = Array.from({ length: count }, (_, j) => bytes32<Hash>(`entry ${start + j}`));
    tree.append(entries.map(fromHex));
    const size = tree.size();
    const usages = [{ agreement: bytes32("agreement"), count: 1 }];
    const input = fromHex(encodeCall("AccessLog", "append", [start, entries, usages]));
    const block = blockAt(5 + i);
    const call = { block: block.hash, from: address("key"), to: paperManifest.contracts.AccessLog.address, input };
    return { start, size, root: toHex(tree.root(size)), block, transaction: bytes32(`transaction ${i}`), call };
  });
  const size = tree.size();
  return {
    manifest: paperManifest,
    identity: {
      chainId: paperManifest.chainId,
      firstBlock: paperManifest.blockHash,
      codeHashes: Object.fromEntries(
        contractNames.map((name) => [name, paperManifest.contracts[name].codeHash]),
      ) as LogFacts["identity"]["codeHashes"],
    },
    gateway,
    participant: {
      id: gateway,
      registrationNumber: number,
      name: "Gateway 1",
      roles: 8,
      hospital: participantId("DEMO-HOS-0001"),
      keys: [{ key: address("key"), from: blockAt(2).time, until: null, isDelegate: false }],
    },
    batches,
    final: blockAt(5 + counts.length),
    newest: blockAt(5 + counts.length + 3),
    depth: 3,
    state: { size, root: size === 0 ? bytes32("none") : toHex(tree.root(size)), breachedAt: 0 },
    ring: batches.slice(-256).map((batch) => ({ size: batch.size, isHead: true })),
  };
}
