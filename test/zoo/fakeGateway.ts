import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getBytes, Wallet } from "ethers";
import { fundKeys } from "../../scripts/space/fundKeys.ts";
import type { Head } from "../../server/chain/head.ts";
import { write as send } from "../../server/chain/write.ts";
import { admit } from "../../server/client/participants.ts";
import { canonicalBytes, entryDigest, type UsageEntry } from "../../server/domain/entry.ts";
import { fromHex, sha256, toHex } from "../../server/domain/hash.ts";
import type { Address, AgreementId, EntryDigest, Hash, ParticipantId } from "../../server/domain/ids.ts";
import { createMerkleTree } from "../../server/domain/merkle.ts";
import type { Receipt } from "../../server/domain/receipt.ts";
import type { Result } from "../../server/domain/result.ts";
import { recoverSigner } from "../../server/domain/signature.ts";
import { createReceiptHasher, createRequestHasher, participantId } from "../../server/domain/typedData.ts";
import type { SignedRequest } from "../../server/domain/usageRequest.ts";
import { createCheckpointSigner, noteKey } from "../../server/gateway/noteKey.ts";
import { createBatchSigner, createReceiptWriter } from "../../server/usage/receipts.ts";
import type { TestSpace } from "../support/space.ts";

/** A gateway's answer to a permitted use. */
export type Answer = { readonly entry: UsageEntry; readonly receipt: Receipt; readonly result: Result };

/** A gateway that was admitted like any other and does only what a test tells it to. Its keys are real, its data are made up. */
export type FakeGateway = {
  readonly id: ParticipantId;
  readonly name: string;
  readonly url: string;
  readonly wallet: Wallet;
  /** The log that it serves; a test may change it at will. */
  readonly entries: EntryDigest[];
  /** Seconds within which its receipts promise an anchor. */
  promiseSeconds: number;
  /** What it says, in place of the honest answer. */
  lie: (honest: Answer) => Answer;
  /** With which status it denies what it records; undefined for the honest answer. */
  denies: number | undefined;
  /** What it says of its log, in place of what the chain and `entries` tell. */
  heads: (honest: LogAnswer) => LogAnswer;
  /** Shows no signed head while false. */
  signs: boolean;
  /** Makes what it serves in place of its checkpoint; undefined for the honest one. */
  checkpointServed: (() => string) | undefined;
  /** Answers nothing while true. */
  silent: boolean;
  /** Makes entry, receipt and result for a request, at an index, and does not put the entry into the log. */
  readonly make: (signed: SignedRequest, index: number) => Promise<Answer>;
  /** Signs the receipt of one entry. */
  readonly promise: (index: number, entry: EntryDigest, issuedAt?: number, deadline?: number) => Receipt;
  /** Says from now on that this is what it recorded of a request. */
  readonly tell: (answer: Answer) => void;
  /** Brings its entries, or others in their place, onto the chain. */
  readonly anchor: (entries?: readonly EntryDigest[], uses?: ReadonlyMap<AgreementId, number>) => Promise<void>;
  /** Signs a checkpoint over entries, true or not. */
  readonly checkpoint: (entries: readonly EntryDigest[]) => string;
  readonly stop: () => Promise<void>;
};

export type LogAnswer = {
  readonly appended: number;
  readonly anchored: { readonly size: number; readonly root: Hash; readonly block: number } | null;
};

const result: Result = { columns: [{ name: "count", type: "Integer" }], rows: [["400"]] };
const now = (): number => Math.floor(Date.now() / 1_000);
let made = 0;

export async function startFakeGateway(space: TestSpace): Promise<FakeGateway> {
  const { founded } = space;
  const chain = founded.space;
  const wallet = new Wallet(Wallet.createRandom().privateKey);
  made += 1;
  const registrationNumber = `FAKE-${made}`;
  const name = `Fake gateway ${made}`;
  const id = participantId(registrationNumber);
  await fundKeys(chain.provider, founded.wallet("deployer").connect(chain.provider), [wallet]);
  await admit(chain, founded.wallet("commission"), {
    registrationNumber,
    name,
    roles: ["Gateway"],
    hospital: founded.id("hospital"),
    key: wallet.address.toLowerCase() as Address,
  });
  const hash = createReceiptHasher(chain.domainOf("AccessLog"));
  const digestOf = createRequestHasher(chain.domainOf("UsagePolicy"));
  const key = getBytes(wallet.privateKey);
  const write = createReceiptWriter(id);
  const ownNoteKey = noteKey(key);
  const signCheckpoint = createCheckpointSigner(chain.domainOf("AccessLog"), id, ownNoteKey);
  await send(chain, wallet, "AccessLog", "publishNoteKey", [toHex(ownNoteKey.publicKey)]);
  const answered = new Map<string, Answer>();

  const entryOf = ({ request, signature }: SignedRequest, head: Head): UsageEntry => {
    const digest = digestOf(request);
    const bytes = canonicalBytes(result);
    return {
      type: "datapact/entry/1",
      gateway: id,
      time: new Date().toISOString(),
      request: digest,
      agreement: request.agreement,
      signer: recoverSigner(fromHex(digest), signature) as Address,
      purpose: request.purpose,
      outcome: "Permitted",
      reason: null,
      block: { number: head.number, hash: head.hash },
      result: { digest: toHex(sha256(bytes)), bytes: bytes.length, rows: result.rows.length },
      salt: toHex(randomBytes(32)),
    };
  };

  const onChain = async (): Promise<LogAnswer["anchored"]> => {
    const head = await chain.readHead();
    const { size, root } = await chain.reader.log(id, head.hash);
    return size === 0 ? null : { size, root, block: head.number };
  };

  const fake: FakeGateway = {
    id,
    name,
    url: "",
    wallet,
    entries: [],
    promiseSeconds: 600,
    lie: (honest) => honest,
    denies: undefined,
    heads: (honest) => honest,
    signs: true,
    checkpointServed: undefined,
    silent: false,
    make: async (signed, index) => {
      const entry = entryOf(signed, await chain.readHead());
      return { entry, receipt: fake.promise(index, entryDigest(entry)), result };
    },
    promise: (index, entry, issuedAt = now(), deadline = issuedAt + fake.promiseSeconds) => {
      const sign = createBatchSigner(id, key, hash, deadline - issuedAt, now);
      const digests = [fromHex(entry)];
      return write({ index, batch: { start: index, digests, promise: sign(index, digests, issuedAt) } });
    },
    tell: (answer) => void answered.set(answer.entry.request, answer),
    anchor: async (entries = fake.entries, uses = new Map()) => {
      const start = (await onChain())?.size ?? 0;
      const usages = [...uses].map(([agreement, count]) => ({ agreement, count }));
      await send(chain, wallet, "AccessLog", "append", [start, entries.slice(start), usages]);
    },
    checkpoint: (entries) => {
      const tree = createMerkleTree();
      tree.append(entries.map(fromHex));
      return signCheckpoint(entries.length, toHex(tree.root(entries.length)));
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  const use = async (signed: SignedRequest): Promise<Answer> => {
    const honest = await fake.make(signed, fake.entries.length);
    fake.entries.push(honest.receipt.entry);
    const told = fake.lie(honest);
    answered.set(honest.entry.request, told);
    return told;
  };
  const prove = async (index: number): Promise<unknown> => {
    const { anchored } = fake.heads({ appended: fake.entries.length, anchored: await onChain() });
    if (anchored === null || index >= anchored.size) return undefined;
    const tree = createMerkleTree();
    tree.append(fake.entries.slice(0, anchored.size).map(fromHex));
    const path = tree.path(index, anchored.size).map((node) => toHex(node));
    return { index, size: anchored.size, root: toHex(tree.root(anchored.size)), path };
  };
  const route = async (path: string, body: string): Promise<unknown> => {
    const index = /^\/v1\/log\/entries\/(\d+)\/proof$/.exec(path)?.[1];
    const digest = /^\/v1\/requests\/(0x[0-9a-f]{64})$/.exec(path)?.[1];
    if (path === "/v1/usage") return use(JSON.parse(body) as SignedRequest);
    if (path === "/v1/gateway") return { gateway: id, hospital: founded.id("hospital"), manifest: chain.manifest };
    if (path === "/v1/log") {
      const heads = fake.heads({ appended: fake.entries.length, anchored: await onChain() });
      return { ...heads, oldestWait: 0, promiseSeconds: fake.promiseSeconds };
    }
    if (index !== undefined) return prove(Number(index));
    const told = answered.get(digest ?? "");
    return told && { entry: told.entry, receipt: told.receipt };
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (fake.silent) return;
    if (request.url === "/checkpoint" && fake.signs) {
      const { anchored } = fake.heads({ appended: fake.entries.length, anchored: await onChain() });
      if (anchored !== null) {
        response.end(fake.checkpointServed?.() ?? signCheckpoint(anchored.size, anchored.root));
        return;
      }
    }
    const answer = await route(request.url ?? "", Buffer.concat(chunks).toString());
    if (fake.denies !== undefined && request.url === "/v1/usage") {
      const { denies: status } = fake;
      response.writeHead(status, { "content-type": "application/problem+json" });
      response.end(JSON.stringify({ type: "about:blank", status, code: "TooManyRequests", title: "Later." }));
      return;
    }
    const missing = { type: "about:blank", status: 404, code: "NotFound", title: "There is nothing here." };
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? missing));
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  Object.assign(fake, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  return fake;
}
