import type { EventFragment } from "ethers";
import { bloomOf } from "../../server/chain/bloom.ts";
import type { Head } from "../../server/chain/head.ts";
import { interfaces } from "../../server/chain/interfaces.ts";
import type { Send } from "../../server/chain/provider.ts";
import { sha256, toHex, zeroHash } from "../../server/domain/hash.ts";
import type { Hash, Hex } from "../../server/domain/ids.ts";
import { contractNames, type Manifest } from "../../server/domain/manifest.ts";

type Log = { readonly address: string; readonly topics: readonly string[]; readonly data: string };
/** What happened so far, as far as the next event must fit it. */
type Story = {
  readonly participants: readonly Hash[];
  readonly datasets: readonly Hash[];
  readonly agreements: ReadonlyMap<Hash, Hash>;
  readonly uses: ReadonlyMap<Hash, number>;
  readonly sizes: ReadonlyMap<Hash, number>;
};
type Block = {
  readonly number: number;
  readonly hash: Hash;
  readonly parentHash: Hash;
  readonly time: number;
  readonly transactions: readonly { readonly hash: Hash; readonly logs: readonly Log[] }[];
  readonly story: Story;
};

/** A node whose chain is made up: it answers what a node answers, over blocks that a seed decides. */
export type PaperChain = {
  readonly manifest: Manifest;
  readonly send: Send;
  readonly readHead: () => Promise<Head>;
  readonly sizeOf: (gateway: Hash) => number;
  /** Adds blocks with random events; the larger `rarely`, the fewer of them create something. */
  readonly grow: (blocks: number, eventsInBlock?: number, rarely?: number) => void;
  /** Takes away the newest blocks. */
  readonly revert: (blocks: number) => void;
  readonly height: () => number;
};

const hashOf = (text: string): Hash => toHex(sha256(Buffer.from(text)));
const addressOf = (name: string): Hex => hashOf(name).slice(0, 42) as Hex;
const deployedAt = 5;

/** A generator of numbers below `end` that a seed decides (mulberry32). */
export function createRandom(seed: number): (end: number) => number {
  let state = seed >>> 0;
  return (end) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  };
}

export function createPaperChain(seed: number): PaperChain {
  const random = createRandom(seed);
  let made = 0;
  const empty: Story = { participants: [], datasets: [], agreements: new Map(), uses: new Map(), sizes: new Map() };
  const newBlock = (parent: Block | undefined, transactions: Block["transactions"], story: Story): Block => {
    made += 1;
    const number = parent === undefined ? 0 : parent.number + 1;
    const parentHash = parent?.hash ?? zeroHash;
    return {
      number,
      hash: hashOf(`${seed} ${made}`),
      parentHash,
      time: 1_790_000_000 + number * 2,
      transactions,
      story,
    };
  };
  let blocks: Block[] = [newBlock(undefined, [], empty)];
  while (blocks.length <= deployedAt) blocks.push(newBlock(blocks.at(-1), [], empty));
  const contracts = Object.fromEntries(
    contractNames.map((name) => [name, { address: addressOf(name), codeHash: zeroHash }]),
  );
  const manifest = {
    chainId: 1,
    block: deployedAt,
    blockHash: blocks[deployedAt]?.hash,
    contracts,
  } as unknown as Manifest;
  const newest = (): Block => blocks.at(-1) as Block;

  const grow = (count: number, eventsInBlock = 3, rarely = 1): void => {
    for (let at = 0; at < count; at += 1) {
      let story = newest().story;
      const transactions = Array.from({ length: random(2) + 1 }, (_, place) => {
        const logs: Log[] = [];
        for (let events = random(eventsInBlock + 1); events > 0; events -= 1) {
          const next = happen(random, story, `${seed} ${made} ${place} ${events}`, rarely);
          logs.push(next.log);
          story = next.story;
        }
        return { hash: hashOf(`${seed} ${made} tx ${place}`), logs };
      });
      blocks.push(newBlock(newest(), transactions, story));
    }
  };

  const logsOf = (block: Block) => {
    const all = block.transactions.flatMap(({ hash, logs }) => logs.map((log) => ({ ...log, transactionHash: hash })));
    return all.map((log, index) => ({
      ...log,
      blockNumber: quantity(block.number),
      blockHash: block.hash,
      logIndex: quantity(index),
    }));
  };
  const headerOf = (block: Block) => ({
    number: quantity(block.number),
    hash: block.hash,
    parentHash: block.parentHash,
    timestamp: quantity(block.time),
    logsBloom: bloomOf(logsOf(block)),
    transactions: block.transactions.map(({ hash }) => hash),
  });

  const methods: Readonly<Record<string, (params: readonly unknown[]) => unknown>> = {
    eth_getBlockByNumber: ([asked]) => {
      const block = asked === "latest" ? newest() : blocks[Number(asked)];
      return block === undefined ? null : headerOf(block);
    },
    eth_getLogs: ([filter]) => {
      const { fromBlock, toBlock } = filter as { fromBlock: string; toBlock: string };
      return blocks.slice(Number(fromBlock), Number(toBlock) + 1).flatMap(logsOf);
    },
    eth_getTransactionReceipt: ([hash]) => {
      const block = blocks.find(({ transactions }) => transactions.some((one) => one.hash === hash));
      return block === undefined ? null : { logs: logsOf(block).filter((log) => log.transactionHash === hash) };
    },
  };
  return {
    manifest,
    send: async (method, params) => structuredClone(methods[method]?.(params)),
    readHead: async () => ({ number: newest().number, hash: newest().hash, time: newest().time }),
    sizeOf: (gateway) => newest().story.sizes.get(gateway) ?? 0,
    grow,
    revert: (count) => {
      blocks = blocks.slice(0, Math.max(deployedAt + 1, blocks.length - count));
    },
    height: () => newest().number,
  };
}

type Happened = { readonly log: Log; readonly story: Story };

function encode(contract: keyof typeof interfaces, event: string, args: readonly unknown[]): Log {
  const fragment = interfaces[contract].getEvent(event) as EventFragment;
  const { data, topics } = interfaces[contract].encodeEventLog(fragment, [...args]);
  return { address: addressOf(contract), data, topics: topics as string[] };
}

const key = (unique: string): string => hashOf(`key ${unique}`).slice(0, 42);
const description = {
  title: "d",
  tables: [{ name: "t", patientKey: "id", fields: [{ name: "id", fieldType: 0, level: 3 }] }],
  joins: [],
};
const rules = { purposes: ["DUO:1"], maxDisclosure: 1, minCohort: 10, approvals: 1 };

/** One more event that may follow this story. */
function happen(random: (end: number) => number, story: Story, unique: string, rarely: number): Happened {
  const pick: Pick = <T>(all: Iterable<T>): T => {
    const list = [...all];
    return list[random(list.length)] as T;
  };
  const { participants, datasets, agreements } = story;
  if (participants.length < 2 || random(12 * rarely) === 0) {
    const id = hashOf(`participant ${unique}`);
    const log = encode("ParticipantRegistry", "ParticipantAdmitted", [
      id,
      unique,
      `名 ${unique}`,
      1 + random(3),
      zeroHash,
      key(unique),
    ]);
    return { log, story: { ...story, participants: [...participants, id] } };
  }
  if (datasets.length < 1 || random(15 * rarely) === 0) {
    const id = hashOf(`dataset ${unique}`);
    const log = encode("DatasetRegistry", "DatasetRegistered", [
      id,
      pick(participants),
      unique,
      hashOf(unique),
      description,
      rules,
    ]);
    return { log, story: { ...story, datasets: [...datasets, id] } };
  }
  if (agreements.size < 1 || random(8 * rarely) === 0) return offer(story, random, unique, pick);
  return change(story, random, unique, pick);
}

type Pick = <T>(all: Iterable<T>) => T;

function offer(story: Story, random: (end: number) => number, unique: string, pick: Pick): Happened {
  const { participants, datasets, agreements } = story;
  const id = hashOf(`agreement ${unique}`);
  const replaces = agreements.size > 0 && random(3) === 0 ? pick(agreements.keys()) : zeroHash;
  const lineage = agreements.get(replaces) ?? id;
  const [assigner, assignee] = [pick(participants), pick(participants)];
  const terms = {
    assigner,
    assignee,
    dataset: pick(datasets),
    description: hashOf(unique),
    purpose: "DUO:1",
    fields: 1n << BigInt(random(200)),
    rows: "",
    disclosure: random(3),
    minCohort: 10,
    maxUses: 2n ** 63n,
    maxRows: 5,
    validFrom: 1_790_000_000,
    validUntil: 1_790_000_000 + random(100),
    assurance: random(2),
    policy: hashOf("policy"),
    replaces,
    salt: hashOf(unique),
  };
  const log = encode("AgreementRegistry", "AgreementOffered", [id, assigner, assignee, terms, "policy"]);
  return { log, story: { ...story, agreements: new Map(agreements).set(id, lineage) } };
}

function change(story: Story, random: (end: number) => number, unique: string, pick: Pick): Happened {
  const { participants, datasets, agreements, uses, sizes } = story;
  const [participant, dataset, agreement] = [pick(participants), pick(datasets), pick(agreements.keys())];
  const same = (log: Log): Happened => ({ log, story });
  const capacity = random(3);
  const kinds: readonly (() => Happened)[] = [
    () => same(encode("ParticipantRegistry", "ParticipantSuspended", [participant, unique])),
    () => same(encode("ParticipantRegistry", "ParticipantReinstated", [participant])),
    () => same(encode("ParticipantRegistry", "KeyRotated", [participant, key(unique), key(`${unique} new`)])),
    () =>
      same(
        encode("ParticipantRegistry", "DelegateAuthorized", [participant, key(`${unique} delegate`), 1_800_000_000]),
      ),
    () => same(encode("DatasetRegistry", "DatasetSuspended", [dataset, participant, "why"])),
    () => same(encode("DatasetRegistry", "DatasetReinstated", [dataset, participant])),
    () =>
      same(encode("DatasetRegistry", "DatasetUpdated", [dataset, 2 + random(9), hashOf(unique), description, rules])),
    () => same(encode("AgreementRegistry", "AgreementSigned", [agreement, participant, capacity, key(unique), "0x00"])),
    () => same(encode("AgreementRegistry", "AgreementFinalized", [agreement])),
    () => same(encode("AgreementRegistry", "AgreementSuspended", [agreement, participant, capacity, "why"])),
    () => same(encode("AgreementRegistry", "AgreementReinstated", [agreement, participant, capacity])),
    () => same(encode("AgreementRegistry", "AgreementTerminated", [agreement, participant, capacity, "why"])),
    () => {
      const lineage = agreements.get(agreement) as Hash;
      const count = 1 + random(5);
      const total = (uses.get(lineage) ?? 0) + count;
      const log = encode("AgreementRegistry", "AgreementUsed", [agreement, count, total]);
      return { log, story: { ...story, uses: new Map(uses).set(lineage, total) } };
    },
    () => {
      const start = sizes.get(participant) ?? 0;
      const size = start + 1 + random(9);
      const log = encode("AccessLog", "EntriesAppended", [participant, start, size, hashOf(unique)]);
      return { log, story: { ...story, sizes: new Map(sizes).set(participant, size) } };
    },
  ];
  return pick(kinds)();
}

const quantity = (number: number): string => `0x${number.toString(16)}`;
