import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { keccak256, TypedDataEncoder, toUtf8Bytes } from "ethers";
import { describe, expect, it } from "vitest";
import { entrySchema, receiptSchema, resultSchema } from "../../server/api/usage.ts";
import { encodeCall } from "../../server/chain/encode.ts";
import { isConsistent } from "../../server/domain/consistency.ts";
import { originOf, readCheckpoint } from "../../server/domain/checkpoint.ts";
import { canonicalBytes, entryDigest } from "../../server/domain/entry.ts";
import { fromHex, sha256, toHex } from "../../server/domain/hash.ts";
import { createMerkleTree, leafHash, rootFromPath } from "../../server/domain/merkle.ts";
import { recoverSigner } from "../../server/domain/signature.ts";
import { openNote, writeNoteKey } from "../../server/domain/signedNote.ts";
import { readTile, writeTile } from "../../server/domain/tile.ts";
import {
  agreementId,
  agreementSigningDigest,
  createReceiptHasher,
  createRequestHasher,
  datasetId,
  descriptionHash,
  participantId,
  policyHash,
  type SigningDomain,
  usageRequestTypes,
} from "../../server/domain/typedData.ts";
import { readCoseReceipt } from "../../server/proof/coseReceipt.ts";
import { askForeign, hasPython } from "../support/foreign.ts";
import { readExamples } from "../support/formatExamples.ts";

const pageFile = join(import.meta.dirname, "../../docs/formats.md");
const examples = readExamples();
const { ids, result, entry, tree, append, ring, request, receipt, agreement, manifest, tiles, checkpoint, cose } =
  examples;
const domainOf = (name: string): SigningDomain => ({
  chainId: manifest.chainId,
  verifyingContract: manifest.contracts[name].address,
});
const treeOf = (digests: readonly `0x${string}`[]) => {
  const grown = createMerkleTree();
  grown.append(digests.map(fromHex));
  return grown;
};

/** What each example must say, from its inputs alone. */
const recomputed: Readonly<Record<string, () => unknown>> = {
  ids: () => {
    const participant = participantId(ids.registrationNumber);
    return { ...ids, participant, dataset: datasetId(participant, ids.datasetName) };
  },
  result: () => {
    const bytes = canonicalBytes(resultSchema.parse(result.result));
    return { result: result.result, canonical: bytes.toString(), bytes: bytes.length, digest: toHex(sha256(bytes)) };
  },
  entry: () => {
    const parsed = entrySchema.parse(entry.entry);
    const digest = entryDigest(parsed);
    const leaf = toHex(leafHash(fromHex(digest)));
    return { entry: parsed, canonical: canonicalBytes(parsed).toString(), digest, leaf };
  },
  tree: () => {
    const grown = treeOf(tree.digests);
    const { index, size } = tree.inclusion;
    const { from, to } = tree.consistency;
    const texts = (nodes: readonly Buffer[]) => nodes.map((node) => toHex(node));
    return {
      digests: tree.digests,
      roots: tree.digests.map((_: unknown, i: number) => toHex(grown.root(i + 1))),
      inclusion: { index, size, path: texts(grown.path(index, size)) },
      consistency: { from, to, path: texts(grown.consistency(from, to)) },
    };
  },
  append: () => ({
    ...append,
    calldata: encodeCall("AccessLog", "append", [append.start, append.entries, append.usages]),
  }),
  ring: () => {
    const low = 2n ** 192n - 1n;
    const root = BigInt(ring.root);
    const top = (root >> 192n).toString(16).padStart(64, "0");
    const word = (BigInt(ring.size) << 192n) | ((root & low) ^ (BigInt(keccak256(`0x${top}`)) & low));
    return { ...ring, word: `0x${word.toString(16).padStart(64, "0")}` };
  },
  request: () => {
    const encoder = TypedDataEncoder.from(usageRequestTypes);
    const digest = createRequestHasher(domainOf("UsagePolicy"))(request.request);
    return {
      domain: { name: "Datapact", version: "1", ...domainOf("UsagePolicy") },
      request: request.request,
      typeHash: keccak256(toUtf8Bytes(encoder.encodeType("UsageRequest"))),
      domainSeparator: TypedDataEncoder.hashDomain(request.domain),
      structHash: encoder.hash(request.request),
      digest,
      signature: request.signature,
      signer: recoverSigner(fromHex(digest), request.signature),
    };
  },
  receipt: () => {
    const parsed = receiptSchema.parse(receipt.receipt);
    const { gateway, index, start, count, issuedAt, deadline } = parsed;
    const root = rootFromPath(fromHex(parsed.entry), index - start, count, parsed.path.map(fromHex));
    const batchRoot = toHex(root ?? Buffer.alloc(0));
    const hash = createReceiptHasher(domainOf("AccessLog"));
    const digest = hash({ gateway, start, count, root: batchRoot, issuedAt, deadline });
    return { receipt: parsed, batchRoot, digest: toHex(digest), key: recoverSigner(digest, parsed.signature) };
  },
  agreement: () => {
    const { terms, capacity, signer, signature } = agreement;
    const wide = Object.fromEntries(["fields", "maxUses", "maxRows"].map((name) => [name, BigInt(terms[name])]));
    const registry = domainOf("AgreementRegistry");
    const digestToSign = agreementSigningDigest({ ...terms, ...wide }, capacity, signer, registry);
    return {
      ...agreement,
      descriptionHash: descriptionHash(agreement.description),
      id: agreementId({ ...terms, ...wide }, registry),
      digestToSign,
      key: recoverSigner(fromHex(digestToSign), signature),
    };
  },
  manifest: () => manifest,
  tiles: () => ({
    paths: tiles.paths.map(({ level: told, index, width }: { level: string; index: number; width: number }) => {
      const level = told === "entries" ? told : Number(told);
      const path = writeTile({ level, index, width });
      expect(readTile(path)).toEqual({ level, index, width });
      return { level: told, index, width, path: `/tile/${path}` };
    }),
  }),
  checkpoint: () => {
    const origin = originOf(domainOf("AccessLog"), entry.entry.gateway);
    const key = { name: origin, publicKey: fromHex(checkpoint.key) };
    const head = readCheckpoint(openNote(checkpoint.note, key) ?? "", origin);
    const root = toHex(head?.root ?? Buffer.alloc(0));
    return { origin, key: checkpoint.key, verifier: writeNoteKey(key), size: head?.size, root, note: checkpoint.note };
  },
  cose: () => {
    const read = readCoseReceipt(fromHex(cose.receipt));
    const root = toHex(read?.rootOver(fromHex(entry.digest)) ?? Buffer.alloc(0));
    const { issuer, index, size, key = Buffer.alloc(0) } = read ?? {};
    return { issuer, key: toHex(key), index, size, entry: entry.digest, root, receipt: cose.receipt };
  },
};

describe("docs/formats.md", () => {
  it.each(Object.keys(examples))("%s: its numbers follow from the page's text", (name) => {
    expect(recomputed[name]?.()).toEqual(examples[name]);
  });

  it("has an example of everything that is recomputed", () => {
    expect(Object.keys(examples).sort()).toEqual(Object.keys(recomputed).sort());
  });

  it("has examples that belong together", () => {
    expect(entry.entry.request).toBe(request.digest);
    expect(entry.entry.agreement).toBe(agreement.id);
    expect(entry.entry.result.digest).toBe(result.digest);
    expect(tree.digests[receipt.receipt.index]).toBe(entry.digest);
    expect(receipt.receipt.entry).toBe(entry.digest);
    expect(append.entries).toEqual(tree.digests.slice(append.start, append.start + append.entries.length));
    expect(checkpoint.root).toBe(tree.roots[checkpoint.size - 1]);
    expect([cose.issuer, cose.root, cose.key]).toEqual([checkpoint.origin, checkpoint.root, checkpoint.key]);
    expect(ring.root).toBe(tree.roots[ring.size - 1]);
    expect(policyHash(agreement.policy)).toBe(agreement.terms.policy);
    expect(agreement.terms.description).toBe(agreement.descriptionHash);
    const { from, to, path } = tree.consistency;
    const head = (size: number) => ({ size, root: fromHex(tree.roots[size - 1]) });
    expect(isConsistent(head(from), head(to), path.map(fromHex))).toBe(true);
  });
});

describe.skipIf(!hasPython)(
  "the verifier in Python, written from the page alone (skipped where there is no python3)",
  () => {
    it("recomputes every example", () => {
      expect(askForeign("page", pageFile)).toBe("ok");
    });

    it("refuses a page on which one value is another", () => {
      const page = readFileSync(pageFile, "utf8");
      const file = join(mkdtempSync(join(tmpdir(), "datapact-page-")), "formats.md");
      for (const value of [
        ids.dataset,
        result.digest,
        entry.leaf,
        tree.roots[4],
        tree.inclusion.path[1],
        tree.consistency.path[0],
        append.entries[1],
        ring.word,
        request.signature,
        receipt.receipt.signature,
        agreement.id,
        agreement.signature,
        checkpoint.key,
        cose.root,
      ]) {
        const last = value.at(-1) === "0" ? "1" : "0";
        const at = page.lastIndexOf(value) + value.length - 1;
        writeFileSync(file, `${page.slice(0, at)}${last}${page.slice(at + 1)}`);
        expect(askForeign("page", file), value).not.toBe("ok");
      }
      rmSync(dirname(file), { recursive: true });
    });
  },
);
