import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../console/src/verifier/bytes.ts";
import { canonical } from "../../console/src/verifier/canonical.ts";
import type { Ask } from "../../console/src/verifier/chain.ts";
import { growTree, rootOfPath } from "../../console/src/verifier/tree.ts";
import { batchDigest, requestDigest, signerOf } from "../../console/src/verifier/typedData.ts";
import { type Evidence, links, type Proof, verifyEvidence } from "../../console/src/verifier/verifyEvidence.ts";
import { verifyLog } from "../../console/src/verifier/verifyLog.ts";
import { createClient } from "../../server/api/client.ts";
import { write } from "../../server/chain/write.ts";
import { createMerkleTree } from "../../server/domain/merkle.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { readExamples } from "../support/formatExamples.ts";
import { ask, sign, startTestSpace, type TestSpace } from "../support/space.ts";

const examples = readExamples();
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.slice(2), "hex"));

describe("the console's own verifier, on the examples of docs/formats.md", () => {
  it("hashes entries and results", async () => {
    const { entry, canonical: text, digest } = examples.entry;
    expect(canonical(entry)).toBe(text);
    expect(toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", Buffer.from(String(text)))))).toBe(digest);
    expect(canonical(examples.result.result)).toBe(examples.result.canonical);
  });

  it("grows the tree, and follows its paths", async () => {
    const { digests, roots, inclusion } = examples.tree;
    const tree = growTree();
    for (const [at, digest] of digests.entries()) {
      await tree.add(bytes(digest));
      expect(toHex(await tree.root())).toBe(roots[at]);
    }
    const { index, size, path } = inclusion;
    const root = await rootOfPath(bytes(digests[index]), index, size, path.map(bytes));
    expect(root && toHex(root)).toBe(roots[size - 1]);
  });

  it("knows who signed a request and a receipt", async () => {
    const { domain, request, digest, signature, signer } = examples.request;
    expect(requestDigest(request, domain)).toBe(digest);
    expect(signerOf(digest, signature)).toBe(signer);
    const { receipt, batchRoot, digest: signed, key } = examples.receipt;
    const accessLog = { chainId: 31_337, verifyingContract: examples.manifest.contracts.AccessLog.address };
    const { gateway, start, count, issuedAt, deadline } = receipt;
    expect(batchDigest({ gateway, start, count, root: batchRoot, issuedAt, deadline }, accessLog)).toBe(signed);
    expect(signerOf(signed, receipt.signature)).toBe(key);
  });
});

describe("its tree", () => {
  it("is that of the gateway at every size to 70, and refuses a path with one bit changed", async () => {
    const [theirs, ours] = [createMerkleTree(), growTree()];
    for (let size = 1; size <= 70; size += 1) {
      const digest = Uint8Array.from({ length: 32 }, (_, at) => (at * size) % 251);
      theirs.append([digest]);
      await ours.add(digest);
      expect(toHex(await ours.root())).toBe(`0x${theirs.root(size).toString("hex")}`);
      const path = theirs.path(size - 1, size).map((node) => Uint8Array.from(node));
      const root = await rootOfPath(digest, size - 1, size, path);
      expect(root && toHex(root)).toBe(`0x${theirs.root(size).toString("hex")}`);
      const [first] = path;
      if (first === undefined) continue;
      first[7] = (first[7] ?? 0) ^ 1;
      const other = await rootOfPath(digest, size - 1, size, path);
      expect(other && toHex(other)).not.toBe(`0x${theirs.root(size).toString("hex")}`);
      expect(await rootOfPath(digest, size, size, path)).toBeUndefined();
      expect(await rootOfPath(digest, size - 1, size, path.slice(1))).toBeUndefined();
    }
  });
});

describe("evidence of a real gateway on a real chain", () => {
  let space: TestSpace;
  let gateway: Gateway;
  let evidence: Evidence;
  let refusal: Evidence;
  let proofs: readonly Proof[];
  let chain: Ask;

  beforeAll(async () => {
    space = await startTestSpace();
    gateway = await space.startGateway();
    const agreement = await space.conclude();
    const signed = sign(space, gateway, agreement);
    const answer = await createClient(gateway.url).use(signed);
    if (!("result" in answer)) throw new Error("refused");
    evidence = { signed, entry: answer.entry, receipt: answer.receipt, result: answer.result };
    const refused = await ask(space, gateway, agreement, { statement: "SELECT mother_name FROM newborns" });
    refusal = { entry: refused.entry, receipt: refused.receipt };
    const client = createClient(gateway.url);
    while (((await client.log()).anchored?.size ?? 0) < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    proofs = [await client.proof({ index: "0" }), await client.proof({ index: "1" })];
    chain = (method, params) => space.founded.space.send(method, params);
  });
  afterAll(() => space?.stop());

  const verifyAll = (changed: Evidence, proof: Proof | undefined, through: Ask) =>
    verifyEvidence(changed, proof, through, space.founded.space.manifest);
  /** A chain that leaves out the newest batches of the log from its events. */
  const hiding: (batches: number) => Ask = (batches) => async (method, params) => {
    const answer = await chain(method, params);
    return method === "eth_getLogs" ? (answer as unknown[]).slice(0, -batches) : answer;
  };
  const verify = (changed: unknown = evidence, proof = proofs[0], through = chain) =>
    verifyEvidence(changed as Evidence, proof, through, space.founded.space.manifest);

  it("holds in every link", async () => {
    expect(await verify()).toEqual(Object.fromEntries(links.map((link) => [link, "holds"])));
    const { request, agreement, ...rest } = await verify(refusal, proofs[1]);
    expect([request, agreement]).toEqual(["absent", "absent"]);
    expect(new Set(Object.values(rest))).toEqual(new Set(["holds"]));
  });

  it("finds an anchored entry in the chain's own log if the proof is withheld or another's", async () => {
    const inclusions = [undefined, proofs[1]].map((proof) => verifyAll(evidence, proof, chain));
    for (const { inclusion } of await Promise.all(inclusions)) expect(inclusion).toBe("holds");
  });

  it("breaks if the log has another entry at the index, proof or none", async () => {
    const elsewhere = { ...refusal, receipt: { ...refusal.receipt, index: 0 } };
    for (const proof of [undefined, ...proofs])
      expect((await verifyAll(elsewhere, proof, chain)).inclusion).toBe("broken");
  });

  it("waits for an entry before its deadline, and not beyond", async () => {
    const missing = (deadline: number): Evidence => ({
      ...evidence,
      receipt: { ...evidence.receipt, index: 7, deadline },
    });
    const now = Math.floor(Date.now() / 1_000);
    expect((await verifyAll(missing(now + 3_600), undefined, chain)).inclusion).toBe("absent");
    expect((await verifyAll(missing(now - 3_600), undefined, chain)).inclusion).toBe("broken");
  });

  it("believes no chain that hides what it anchored", async () => {
    const later = { ...evidence, receipt: { ...evidence.receipt, index: 1 } };
    await expect(verifyAll(later, undefined, hiding(1))).rejects.toThrow("do not make up the log");
  });

  it("breaks wherever one value was altered", async () => {
    const text = JSON.stringify(evidence);
    const values = [...text.matchAll(/:("[^"]+"|\d+)/g)];
    expect(values.length).toBeGreaterThan(25);
    for (const { index, 1: value = "" } of values) {
      const at = index + value.length - (value.endsWith('"') ? 1 : 0);
      const altered = JSON.parse(text.slice(0, at) + (text[at] === "1" ? "2" : "1") + text.slice(at + 1));
      const verdicts = Object.values(await verify(altered));
      expect(verdicts, `${text.slice(Math.max(0, index - 20), at + 1)}`).toContain("broken");
    }
  });

  it("breaks on another chain, under other code, and under a head that is not on chain", async () => {
    const lie: (name: string, answer: unknown) => Ask = (name, answer) => (method, params) =>
      method === name ? Promise.resolve(answer) : chain(method, params);
    expect((await verify(evidence, proofs[0], lie("eth_chainId", "0x1"))).chain).toBe("broken");
    expect((await verify(evidence, proofs[0], lie("eth_getCode", "0x6000"))).chain).toBe("broken");
    const changed = { ...evidence, receipt: { ...evidence.receipt, entry: `0x${"ab".repeat(32)}` } };
    const path = proofs[0]?.path ?? [];
    const root = await rootOfPath(bytes(changed.receipt.entry), 0, 2, path.map(bytes));
    const invented = { size: 2, root: toHex(root ?? new Uint8Array()), path };
    expect((await verify(changed, invented)).inclusion).toBe("broken");
  });

  it("rebuilds the whole log from the chain alone, and finds one changed digest in calldata", async () => {
    const { manifest } = space.founded.space;
    expect(await verifyLog(chain, manifest, gateway.id)).toMatchObject({ holds: true });
    const cheat: Ask = async (method, params) => {
      const answer = await chain(method, params);
      if (method !== "eth_getTransactionByHash") return answer;
      const found = answer as { input: string };
      return { ...found, input: found.input.replace(evidence.receipt.entry.slice(2), "ab".repeat(32)) };
    };
    expect(await verifyLog(cheat, manifest, gateway.id)).toEqual({ holds: false, start: 0 });
  });

  it("takes no log for whole of which events are missing, and asks again while a node catches up", async () => {
    const { manifest } = space.founded.space;
    const all = 1_000;
    for (const hidden of [1, all])
      expect(await verifyLog(hiding(hidden), manifest, gateway.id)).toMatchObject({ holds: false });
    let asked = 0;
    const late: Ask = (method, params) => {
      if (method === "eth_getLogs") asked += 1;
      return asked > 1 ? chain(method, params) : hiding(1)(method, params);
    };
    expect(await verifyLog(late, manifest, gateway.id)).toMatchObject({ holds: true, size: 2 });
  });

  it("believes no chain that hides a suspension", async () => {
    const { founded } = space;
    const agreement = evidence.entry.agreement ?? "";
    const { address } = founded.space.manifest.contracts.AgreementRegistry;
    const act = (method: string, args: unknown[]) =>
      write(founded.space, founded.wallet("commission"), "AgreementRegistry", method, args);
    await act("suspend", [agreement, "under review"]);
    expect((await verify()).agreement).toBe("holds");
    const silent: Ask = async (method, params) => {
      const answer = await chain(method, params);
      const isOfRegistry = method === "eth_getLogs" && JSON.stringify(params).includes(address);
      return isOfRegistry ? (answer as unknown[]).slice(0, -1) : answer;
    };
    await expect(verify(evidence, proofs[0], silent)).rejects.toThrow("do not make up the agreement");
    await act("reinstate", [agreement]);
    expect((await verify()).agreement).toBe("holds");
  });

  it("holds after the gateway's key was replaced", async () => {
    const { founded } = space;
    await write(founded.space, founded.wallet("gateway"), "ParticipantRegistry", "rotateKey", [
      Wallet.createRandom().address,
    ]);
    expect(await verify()).toEqual(Object.fromEntries(links.map((link) => [link, "holds"])));
  });
});
