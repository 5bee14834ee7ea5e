import { createPublicKey } from "node:crypto";
import { verifyCheckpoint } from "@sigstore/verify/dist/tlog/checkpoint.js";
import { describe, expect, it } from "vitest";
import { originOf, readCheckpoint, writeCheckpoint } from "../../server/domain/checkpoint.ts";
import { ed25519Key, verifyEd25519 } from "../../server/domain/ed25519.ts";
import { sha256 } from "../../server/domain/hash.ts";
import type { Address } from "../../server/domain/ids.ts";
import { noteKeyId, openNote, signNote, writeNoteKey } from "../../server/domain/signedNote.ts";
import { bytes32 } from "../support/evidence.ts";
import { flipBit } from "../support/sigstore.ts";

/** golang.org/x/mod/sumdb/note, example_test.go: a private key, its verifier key, a text and the note. */
const go = {
  seed: Buffer.from("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", "base64").subarray(1),
  name: "PeterNeumann",
  verifier: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  signature:
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
};
const goKey = ed25519Key(go.seed);
const trusted = { name: go.name, publicKey: goKey.publicKey };
const goNote = `${go.text}\n${go.signature}`;

describe("signed notes", () => {
  it("are those of Go's sumdb, byte for byte", () => {
    expect(writeNoteKey(trusted)).toBe(go.verifier);
    expect(noteKeyId(trusted).toString("hex")).toBe("c74f20a3");
    expect(signNote(go.text, go.name, goKey)).toBe(goNote);
    expect(openNote(goNote, trusted)).toBe(go.text);
  });

  it("are refused after a change of any one bit of text, key id or signature", () => {
    const bytes = Buffer.from(goNote);
    const nameStart = bytes.indexOf("PeterNeumann");
    for (let bit = 0; bit < bytes.length * 8; bit += 3) {
      const changed = flipBit(bytes, bit).toString("utf8");
      if (changed !== goNote) expect(openNote(changed, trusted), `bit ${bit}`).toBeUndefined();
    }
    expect(nameStart).toBeGreaterThan(go.text.length);
  });

  it("bear signatures of others, which count for nothing", () => {
    const other = ed25519Key(sha256(Buffer.from("another")));
    const [, line = ""] = signNote(go.text, "other.example/log", other).split("\n\n");
    const both = `${go.text}\n${line}${go.signature}`;
    expect(openNote(both, trusted)).toBe(go.text);
    expect(openNote(both, { name: "other.example/log", publicKey: other.publicKey })).toBe(go.text);
    expect(openNote(`${go.text}\n${line}`, trusted)).toBeUndefined();
    expect(openNote(goNote, { ...trusted, publicKey: other.publicKey })).toBeUndefined();
    expect(openNote(goNote, { ...trusted, name: "Peter" })).toBeUndefined();
  });

  it.each([
    ["no blank line", goNote.replace("\n\n", "\n")],
    ["no newline at the end", goNote.slice(0, -1)],
    ["no signature", `${go.text}\n`],
    ["a line that is no signature", `${goNote}more\n`],
    ["a hyphen for the dash", goNote.replace("\u2014", "-")],
    ["control characters", goNote.replace("answer", "ans\u0007wer")],
    ["a carriage return", goNote.replaceAll("\n", "\r\n")],
    ["base64 with loose bits", goNote.replace("wJnAM=", "wJnAN=")],
    ["nothing", ""],
  ])("are none with %s", (_name, note) => {
    expect(openNote(note, trusted)).toBeUndefined();
  });

  it("take no key and no signature of another length", () => {
    const message = Buffer.from("message");
    const signature = goKey.sign(message);
    expect(verifyEd25519(goKey.publicKey, message, signature)).toBe(true);
    for (const length of [0, 31, 33, 63]) expect(verifyEd25519(Buffer.alloc(length), message, signature)).toBe(false);
    for (const length of [0, 63, 65]) expect(verifyEd25519(goKey.publicKey, message, Buffer.alloc(length))).toBe(false);
    expect(verifyEd25519(Buffer.alloc(32, 255), message, signature)).toBe(false);
  });
});

const origin = originOf({ chainId: 31_337, verifyingContract: `0x${"ab".repeat(20)}` as Address }, bytes32("gateway"));
const head = { size: 20_852_163, root: Buffer.from("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "base64") };

describe("checkpoints", () => {
  it("are written as C2SP's example is", () => {
    expect(writeCheckpoint("example.com/behind-the-sofa", head)).toBe(
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    );
    expect(readCheckpoint(writeCheckpoint(origin, head), origin)).toEqual(head);
  });

  it("are accepted by @sigstore/verify, which we did not write, and refused if one bit is changed", () => {
    const key = ed25519Key(sha256(Buffer.from("a gateway")));
    const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key.publicKey]);
    const log = {
      logID: noteKeyId({ name: origin, publicKey: key.publicKey }),
      baseURL: `https://${origin}`,
      publicKey: createPublicKey({ key: spki, format: "der", type: "spki" }),
    };
    const note = signNote(writeCheckpoint(origin, head), origin, key);
    const verify = (envelope: string) =>
      verifyCheckpoint({ inclusionProof: { checkpoint: { envelope } } } as never, [log] as never);
    expect(verify(note)).toMatchObject({ origin, logSize: BigInt(head.size), logHash: head.root });
    expect(() => verify(note.replace("20852163", "20852162"))).toThrow("invalid checkpoint signature");
  });

  it.each([
    ["another log", writeCheckpoint("example.com/log", head)],
    ["a leading zero", writeCheckpoint(origin, head).replace("\n2", "\n02")],
    ["a size beyond what is counted", writeCheckpoint(origin, head).replace("20852163", "9".repeat(16))],
    ["a short root", writeCheckpoint(origin, { ...head, root: Buffer.alloc(31) })],
    ["loose bits in the root", writeCheckpoint(origin, head).replace("xq2I=", "xq2J=")],
    ["a line more", `${writeCheckpoint(origin, head)}extension\n`],
    ["no newline at the end", writeCheckpoint(origin, head).slice(0, -1)],
  ])("are none with %s", (_name, text) => {
    expect(readCheckpoint(text, origin)).toBeUndefined();
  });
});
