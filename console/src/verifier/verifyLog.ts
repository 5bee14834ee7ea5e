import { fromHex, isEqual, toHex } from "./bytes.ts";
import { type Ask, contractsAbi, eventsOf, isManifestsChain, type Manifest, read } from "./chain.ts";
import { growTree } from "./tree.ts";

/** What a whole log amounts to, or at which batch it breaks. */
export type VerifiedLog =
  | { readonly holds: true; readonly size: number; readonly root: string; readonly batches: number }
  | { readonly holds: false; readonly start: number };

type Transaction = { readonly to: string; readonly input: string; readonly from: string };

/** Rebuilds the log of a gateway from the calldata of its batches, and compares every head with the one that the contract told. */
export async function verifyLog(ask: Ask, manifest: Manifest, gateway: string): Promise<VerifiedLog> {
  if (!(await isManifestsChain(ask, manifest))) return { holds: false, start: 0 };
  const events = await eventsOf(ask, manifest, "AccessLog", gateway, "latest");
  const batches = events.filter(({ name }) => name === "EntriesAppended");
  const tree = growTree();
  for (const { args, transaction } of batches) {
    const start = Number(args.start);
    const found = (await ask("eth_getTransactionByHash", [transaction])) as Transaction | null;
    const added = found === null ? undefined : batchOf(found, manifest);
    if (added === undefined || start !== tree.size() || added.start !== start) return { holds: false, start };
    for (const entry of added.entries) await tree.add(entry);
    const isTold = Number(args.size) === tree.size() && isEqual(await tree.root(), fromHex(String(args.root)));
    if (!isTold) return { holds: false, start };
  }
  const [size, root] = [tree.size(), toHex(await tree.root())];
  const [log] = await read(ask, manifest, "AccessLog", "log", [gateway]);
  // the chain may have gone on since its events were asked for
  const isWhole = Number(log.size) > size || (Number(log.size) === size && (size === 0 || log.root === root));
  return isWhole ? { holds: true, size, root, batches: batches.length } : { holds: false, start: size };
}

function batchOf({ to, input }: Transaction, { contracts }: Manifest) {
  if (to?.toLowerCase() !== contracts.AccessLog?.address) return undefined;
  try {
    const [start, entries] = contractsAbi.decodeFunctionData("append", input);
    return { start: Number(start), entries: [...entries].map((entry) => fromHex(String(entry))) };
  } catch {
    return undefined;
  }
}
