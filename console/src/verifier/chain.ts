import { Interface, keccak256 } from "ethers";

/** Asks the chain one JSON-RPC method. */
export type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** Names one deployment: its chain, a block that tells it from any other, and its contracts with the hashes of their code. */
export type Manifest = {
  readonly chainId: number;
  readonly block: number;
  readonly blockHash: string;
  readonly contracts: Readonly<Record<string, { readonly address: string; readonly codeHash: string }>>;
};

export const contractsAbi = new Interface([
  "function isKeyOf(address key, bytes32 id, uint48 time) view returns (bool)",
  "function participant(bytes32 id) view returns ((uint8 roles,uint48 admittedAt,uint48 suspendedAt,address key," +
    "bytes32 hospital,string registrationNumber,string name))",
  "function isHead(bytes32 gateway, (uint64 size, bytes32 root) head) view returns (bool)",
  "function log(bytes32 gateway) view returns ((uint64 size,uint64 breachedIndex,uint48 breachedAt,bytes32 root))",
  "function terms(bytes32 id) view returns ((bytes32 assigner,bytes32 assignee,bytes32 dataset,bytes32 description," +
    "string purpose,uint256 fields,string rows,uint8 disclosure,uint32 minCohort,uint64 maxUses,uint64 maxRows," +
    "uint48 validFrom,uint48 validUntil,uint8 assurance,bytes32 policy,bytes32 replaces,bytes32 salt))",
  "function facts(bytes32 id) view returns ((uint48 offeredAt,uint48 assignerSignedAt,uint48 assigneeSignedAt," +
    "uint48 finalizedAt,uint48 terminatedAt,uint8 approvals,uint48[3] suspendedAt,bytes32 lineage,bytes32 replacedBy))",
  "function append(uint64 start, bytes32[] entries, (bytes32 agreement,uint64 count)[] usages)",
  "event EntriesAppended(bytes32 indexed gateway, uint64 start, uint64 size, bytes32 root)",
  "event AgreementFinalized(bytes32 indexed id)",
  "event AgreementSuspended(bytes32 indexed id, bytes32 indexed by, uint8 capacity, string reason)",
  "event AgreementReinstated(bytes32 indexed id, bytes32 indexed by, uint8 capacity)",
  "event AgreementTerminated(bytes32 indexed id, bytes32 indexed by, uint8 capacity, string reason)",
  "event AgreementReplaced(bytes32 indexed id, bytes32 indexed by)",
]);

/** Calls one view of a contract at a block, the newest one by default. */
export async function read(
  ask: Ask,
  { contracts }: Manifest,
  contract: string,
  method: string,
  args: readonly unknown[],
  block = "latest",
) {
  const call = { to: contracts[contract]?.address, data: contractsAbi.encodeFunctionData(method, [...args]) };
  return contractsAbi.decodeFunctionResult(method, String(await ask("eth_call", [call, block])));
}

/** Whether the chain that answers is the one that the manifest names, with its very contracts. */
export async function isManifestsChain(ask: Ask, manifest: Manifest): Promise<boolean> {
  if (Number(await ask("eth_chainId", [])) !== manifest.chainId) return false;
  const block = await blockOf(ask, manifest.block);
  if (block?.hash !== manifest.blockHash) return false;
  const codes = await Promise.all(
    Object.values(manifest.contracts).map(async ({ address, codeHash }) => {
      const code = await ask("eth_getCode", [address, "latest"]);
      return keccak256(String(code)) === codeHash;
    }),
  );
  return codes.every(Boolean);
}

export type Block = { readonly hash: string; readonly time: number };

/** A block by its number; undefined if the chain has none. */
export async function blockOf(ask: Ask, number: number): Promise<Block | undefined> {
  const found = (await ask("eth_getBlockByNumber", [quantity(number), false])) as {
    readonly hash: string;
    readonly timestamp: string;
  } | null;
  return found === null ? undefined : { hash: found.hash, time: Number(found.timestamp) };
}

type Log = {
  readonly topics: readonly string[];
  readonly data: string;
  readonly transactionHash: string;
  readonly blockNumber: string;
};

/** The events of one contract about one subject, in order, up to a block. */
export async function eventsOf(ask: Ask, manifest: Manifest, contract: string, subject: string, until: string) {
  const filter = {
    address: manifest.contracts[contract]?.address,
    topics: [null, subject],
    fromBlock: quantity(manifest.block),
    toBlock: until,
  };
  const logs = (await ask("eth_getLogs", [filter])) as readonly Log[];
  return logs.flatMap((log) => {
    const event = contractsAbi.parseLog({ topics: [...log.topics], data: log.data });
    return event === null
      ? []
      : [{ name: event.name, args: event.args, transaction: log.transactionHash, block: Number(log.blockNumber) }];
  });
}

export const quantity = (number: number): string => `0x${number.toString(16)}`;
