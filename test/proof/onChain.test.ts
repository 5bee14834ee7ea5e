import { randomBytes } from "node:crypto";
import { TypedDataEncoder, verifyTypedData } from "ethers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { datasetName, demoTerms, founders, policy } from "../../scripts/demo/story.ts";
import { createClient } from "../../server/api/client.ts";
import { encodedTerms } from "../../server/chain/encode.ts";
import { readEvents } from "../../server/chain/events.ts";
import { interfaces } from "../../server/chain/interfaces.ts";
import { write } from "../../server/chain/write.ts";
import { readAgreement, signTerms } from "../../server/client/agreements.ts";
import { rebuildLog } from "../../server/client/chainLog.ts";
import { verifyEvidence } from "../../server/client/evidence.ts";
import { listParticipants } from "../../server/client/participants.ts";
import { isConsistent } from "../../server/domain/consistency.ts";
import type { Description } from "../../server/domain/dataset.ts";
import { fieldLevels, fieldTypes } from "../../server/domain/dataset.ts";
import { fromHex, toHex } from "../../server/domain/hash.ts";
import type { AgreementId, DatasetId, EntryDigest, Hash, Hex, ParticipantId } from "../../server/domain/ids.ts";
import { createMerkleTree } from "../../server/domain/merkle.ts";
import { assurances, capacities, disclosures, type Terms } from "../../server/domain/terms.ts";
import {
  agreementId,
  agreementSigningDigest,
  createReceiptHasher,
  createRequestHasher,
  datasetId,
  descriptionHash,
  eip712Domain,
  encodedDescription,
  participantId,
  policyHash,
  receiptBatchTypes,
  signatureTypes,
  termsTypes,
  usageRequestTypes,
} from "../../server/domain/typedData.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import type { Evidence } from "../../server/proof/verifyReceipt.ts";
import { flipBit, sigstoreAccepts } from "../support/sigstore.ts";
import { ask, sign, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  agreement = await space.conclude();
});
afterAll(() => space.stop());

async function call(name: keyof typeof interfaces, method: string, args: readonly unknown[], from?: string) {
  const { send, manifest } = space.founded.space;
  const data = interfaces[name].encodeFunctionData(method, args);
  const answer = await send("eth_call", [{ from, to: manifest.contracts[name].address, data }, "latest"]);
  return interfaces[name].decodeFunctionResult(method, answer as Hex)[0];
}

const anchored = async (): Promise<{ size: number; root: Hex }> => {
  const { anchored: head } = (await (await fetch(`${gateway.url}/v1/log`)).json()) as {
    anchored: { size: number; root: Hex };
  };
  return head;
};
const untilAnchored = (size: number): Promise<unknown> =>
  expect.poll(async () => (await anchored()).size, { interval: 20 }).toBe(size);

describe("@sigstore/verify, which we did not write, against the roots that the contract computed", () => {
  it("accepts the proof of every entry, after batches of odd sizes, and refuses each if one bit is changed", async () => {
    let size = 0;
    for (const count of [1, 3, 7, 5, 13]) {
      await Promise.all(Array.from({ length: count }, () => ask(space, gateway, agreement)));
      size += count;
      await untilAnchored(size);
      const log = await call("AccessLog", "log", [gateway.id]);
      expect(Number(log.size)).toBe(size);
      const root = fromHex(log.root as Hex);
      const { digests } = await rebuildLog(space.founded.space, gateway.id);
      for (let index = 0; index < size; index += 1) {
        const proof = (await (await fetch(`${gateway.url}/v1/log/entries/${index}/proof`)).json()) as {
          index: number;
          size: number;
          root: Hex;
          path: Hex[];
        };
        expect(proof).toMatchObject({ index, size, root: log.root });
        const digest = digests[index] ?? Buffer.alloc(32);
        const path = proof.path.map(fromHex);
        const inclusion = { digest, index, size, root, path };
        expect(sigstoreAccepts(inclusion), `${index} of ${size}`).toBe(true);
        expect(sigstoreAccepts({ ...inclusion, digest: flipBit(digest, index * 7) })).toBe(false);
        expect(sigstoreAccepts({ ...inclusion, root: flipBit(root, index * 5) })).toBe(false);
        path.forEach((node, place) => {
          expect(sigstoreAccepts({ ...inclusion, path: path.with(place, flipBit(node, place + index)) })).toBe(false);
        });
        if (size > 1) expect(sigstoreAccepts({ ...inclusion, index: (index + 1) % size })).toBe(false);
        const head = { size, root: log.root };
        expect(await call("AccessLog", "verifyInclusion", [digest, index, head, proof.path])).toBe(true);
      }
    }
  });

  it("leads from every head that the contract had to the newest, and from no other", async () => {
    const { size, root } = await anchored();
    const heads = (await readEvents(space.founded.space, "AccessLog", gateway.id)).flatMap(({ name, args }) =>
      name === "EntriesAppended" ? [{ size: Number(args.size), root: fromHex(args.root) }] : [],
    );
    expect(heads.length).toBeGreaterThan(4);
    const newest = { size, root: fromHex(root) };
    const client = createClient(gateway.url);
    for (const head of heads) {
      const proof = await client.consistency({ from: String(head.size) });
      expect(proof.to).toEqual({ size, root });
      expect(proof.from).toEqual({ size: head.size, root: toHex(head.root) });
      const path = proof.path.map(fromHex);
      expect(isConsistent(head, newest, path)).toBe(true);
      expect(isConsistent({ ...head, root: flipBit(head.root, head.size) }, newest, path)).toBe(false);
    }
    const [first = newest, second = newest] = heads;
    const between = await client.consistency({ from: String(first.size), to: String(second.size) });
    expect(isConsistent(first, second, between.path.map(fromHex))).toBe(true);
    const older = await client.proof({ index: "0", size: String(second.size) });
    expect(older).toMatchObject({ index: 0, size: second.size, root: toHex(second.root) });
    for (const query of ["from=0", `from=${size + 1}`, `from=2&to=1`, `from=1&to=${size + 1}`])
      expect((await fetch(`${gateway.url}/v1/log/consistency?${query}`)).status, query).toBe(404);
    expect((await fetch(`${gateway.url}/v1/log/consistency?from=01`)).status).toBe(400);
    expect((await fetch(`${gateway.url}/v1/log/entries/0/proof?size=${size + 1}`)).status).toBe(404);
    expect((await fetch(`${gateway.url}/v1/log/entries/5/proof?size=5`)).status).toBe(404);
  });

  it("finds in the log the very digests of the entries that were answered", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(space, gateway, agreement)));
    await untilAnchored(Math.max(...answers.map(({ receipt }) => receipt.index)) + 1);
    const { digests } = await rebuildLog(space.founded.space, gateway.id);
    for (const { receipt } of answers) expect(toHex(digests[receipt.index] ?? Buffer.alloc(0))).toBe(receipt.entry);
  });
});

describe("evidence against the chain alone", () => {
  it("holds, for a permit and for a refusal, and breaks where it was altered", async () => {
    for (const statement of ["SELECT count(*) FROM newborns", "SELECT nothing"]) {
      const signed = sign(space, gateway, agreement, { statement });
      const answer = await createClient(gateway.url).use(signed);
      const evidence = {
        signed,
        entry: answer.entry,
        receipt: answer.receipt,
        ...("result" in answer ? { result: answer.result } : {}),
      } as unknown as Evidence;
      const brokenIn = async (changed: Evidence): Promise<string | undefined> =>
        (await verifyEvidence(space.founded.space, changed, 0)).find(({ problem }) => problem !== undefined)?.check;
      expect((await verifyEvidence(space.founded.space, evidence, 120_000)).filter(({ problem }) => problem)).toEqual(
        [],
      );
      const { receipt, entry } = evidence;
      expect(await brokenIn({ ...evidence, receipt: { ...receipt, deadline: receipt.deadline + 1 } })).toBe(
        "signature",
      );
      expect(await brokenIn({ ...evidence, receipt: { ...receipt, index: receipt.index + 1 } })).toBe("signature");
      expect(await brokenIn({ ...evidence, entry: { ...entry, time: "2020-01-01T00:00:00.000Z" } })).toBe("entry");
      expect(await brokenIn({ ...evidence, receipt: { ...receipt, gateway: space.founded.id("insurer") } })).toBe(
        "entry",
      );
    }
  });
});

const domainOf = (name: "AgreementRegistry" | "AccessLog" | "UsagePolicy") => space.founded.space.domainOf(name);
const hash = <T extends string = Hash>(): T => toHex(randomBytes(32)) as string as T;

const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes));
const text = (maxLength: number) => fc.string({ unit: "binary", maxLength });
const uint = (bits: number) =>
  fc.oneof(fc.constant(2n ** BigInt(bits) - 1n), fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }));
const small = (bits: number) => uint(bits).map(Number);

const anyTerms = fc.record({
  assigner: word,
  assignee: word,
  dataset: word,
  description: word,
  purpose: text(80),
  fields: uint(256),
  rows: text(200),
  disclosure: fc.constantFrom(...disclosures),
  minCohort: small(32),
  maxUses: uint(64),
  maxRows: uint(64),
  validFrom: small(48),
  validUntil: small(48),
  assurance: fc.constantFrom(...assurances),
  policy: word,
  replaces: word,
  salt: word,
}) as unknown as fc.Arbitrary<Terms>;

describe("typed data is the same on chain, here, and in ethers", () => {
  it("ids of random terms", async () => {
    for (const terms of fc.sample(anyTerms, 150)) {
      const id = agreementId(terms, domainOf("AgreementRegistry"));
      expect(await call("AgreementRegistry", "idOf", [encodedTerms(terms)])).toBe(id);
      expect(TypedDataEncoder.hash(eip712Domain(domainOf("AgreementRegistry")), termsTypes, terms)).toBe(id);
    }
  });

  it("what assigner, assignee and regulator sign", async () => {
    const read = await readAgreement(space.founded.space, agreement);
    const terms = read?.terms ?? demoTerms(space.founded, space.dataset);
    expect(read?.id).toBe(agreement);
    for (const capacity of capacities) {
      for (const key of ["hospital", "device-maker", "commission"]) {
        const signer = space.founded.id(key);
        const digest = agreementSigningDigest(terms, capacity, signer, domainOf("AgreementRegistry"));
        const onChain = await call("AgreementRegistry", "digestToSign", [
          agreement,
          capacities.indexOf(capacity),
          signer,
        ]);
        expect(onChain).toBe(digest);
        const signature = await signTerms(space.founded.space, space.founded.wallet(key), terms, capacity, signer);
        const domain = eip712Domain(domainOf("AgreementRegistry"));
        expect(verifyTypedData(domain, signatureTypes, { capacity, signer, terms }, signature)).toBe(
          space.founded.wallet(key).address,
        );
        expect(TypedDataEncoder.hash(domain, signatureTypes, { capacity, signer, terms })).toBe(digest);
      }
    }
  });

  it("requests, under the domain that the policy contract tells (EIP-5267)", async () => {
    const { send, manifest } = space.founded.space;
    const { address } = manifest.contracts.UsagePolicy;
    const answer = (await send("eth_call", [{ to: address, data: "0x84b0196e" }, "latest"])) as Hex;
    expect(answer.length).toBeGreaterThan(400);
    expect(Buffer.from(answer.slice(2), "hex").toString("latin1")).toContain("Datapact");
    expect(answer).toContain(address.slice(2));
    const anyRequest = fc.record({
      gateway: word,
      agreement: word,
      purpose: text(64),
      statement: text(300),
      issuedAt: small(48),
      nonce: word,
    });
    const hashRequest = createRequestHasher(domainOf("UsagePolicy"));
    fc.assert(
      fc.property(anyRequest as unknown as fc.Arbitrary<Parameters<typeof hashRequest>[0]>, (request) => {
        const expected = TypedDataEncoder.hash(eip712Domain(domainOf("UsagePolicy")), usageRequestTypes, request);
        expect(hashRequest(request)).toBe(expected);
      }),
      { numRuns: 200 },
    );
    const signed = sign(space, gateway, agreement);
    const wallet = space.founded.wallet("device-maker");
    expect(await wallet.signTypedData(eip712Domain(domainOf("UsagePolicy")), usageRequestTypes, signed.request)).toBe(
      signed.signature,
    );
  });

  it("receipts", async () => {
    const hashReceipt = createReceiptHasher(domainOf("AccessLog"));
    for (const count of [1, 2, 3, 5, 8, 100]) {
      const tree = createMerkleTree();
      const digests = Array.from({ length: count }, () => fromHex(hash()));
      tree.append(digests);
      const batch = {
        gateway: hash<ParticipantId>(),
        start: 2 ** 40,
        count,
        root: toHex<Hash>(tree.root(count)),
        issuedAt: 7,
        deadline: 2 ** 48 - 1,
      };
      const digest = toHex(hashReceipt(batch));
      expect(TypedDataEncoder.hash(eip712Domain(domainOf("AccessLog")), receiptBatchTypes, batch)).toBe(digest);
      for (const place of [0, count - 1]) {
        const path = tree.path(place, count).map((node) => toHex(node));
        const entry = toHex<EntryDigest>(digests[place] ?? Buffer.alloc(32));
        const receipt = { ...batch, index: batch.start + place, entry, path, signature: "0x" };
        expect(await call("AccessLog", "receiptDigest", [receipt])).toBe(digest);
      }
    }
  });

  it("ids of participants and datasets, and hashes of descriptions and policies", async () => {
    const participants = await listParticipants(space.founded.space);
    expect(participants.map(({ id }) => id)).toEqual(
      founders.map(({ registrationNumber }) => participantId(registrationNumber)),
    );
    expect(datasetId(space.founded.id("hospital"), datasetName)).toBe(space.dataset.id);
    expect(descriptionHash(space.dataset.description)).toBe(space.dataset.descriptionHash);
    const onChain = await call("DatasetRegistry", "dataset", [space.dataset.id]);
    expect(onChain.description).toBe(space.dataset.descriptionHash);
    expect((await call("AgreementRegistry", "terms", [agreement])).policy).toBe(policyHash(policy));
  });

  it("ids and descriptions in every script, as the contract computes them on registering", async () => {
    const { space: chain, wallet, id } = space.founded;
    const names = ["新生儿黄疸", "a", "é", "🦠", "x".repeat(40)];
    const field = (name: string, i: number) => ({
      name,
      fieldType: fieldTypes[i % fieldTypes.length] ?? "Text",
      level: fieldLevels[i % 3] ?? "Neutral",
    });
    const description: Description = {
      title: "标题 🦠 título",
      tables: [
        {
          name: "表",
          patientKey: "键",
          fields: [{ name: "键", fieldType: "Text", level: "Linking" }, ...names.map(field)],
        },
        { name: "t2", patientKey: "", fields: [{ name: "码", fieldType: "Integer", level: "Linking" }] },
      ],
      joins: [{ left: "表.键", right: "t2.码" }],
    };
    const rules = { purposes: ["DUO:0000007"], maxDisclosure: 1, minCohort: 10, approvals: 1 };
    for (const name of ["名称", "name"]) {
      await write(chain, wallet("hospital"), "DatasetRegistry", "register", [
        name,
        encodedDescription(description),
        rules,
      ]);
      const expected: DatasetId = datasetId(id("hospital"), name);
      expect((await call("DatasetRegistry", "dataset", [expected])).description).toBe(descriptionHash(description));
      expect(await chain.reader.dataset(expected, descriptionHash(description))).toEqual({ name, description });
    }
  });
});
