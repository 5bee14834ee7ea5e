import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";

/** A key pair of Ed25519 (RFC 8032): its public half is 32 bytes, a signature 64. */
export type Ed25519Key = {
  readonly publicKey: Buffer;
  readonly sign: (message: Uint8Array) => Buffer;
};

/** What stands before the 32 bytes of a key in PKCS #8 and in SPKI. */
const privatePrefix = Buffer.from("302e020100300506032b657004220420", "hex");
const publicPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** Makes the key of a seed of 32 bytes. */
export function ed25519Key(seed: Uint8Array): Ed25519Key {
  const key = createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(publicPrefix.length);
  return Object.freeze<Ed25519Key>({ publicKey, sign: (message) => sign(null, message, key) });
}

/** y of the points whose order divides 8, as bytes of a key without its highest bit; two of them are also written not reduced. */
const smallOrder: ReadonlySet<string> = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
]);

/** Whether anyone can sign under a public key: then who published it could deny each of its signatures. */
export function isOfSmallOrder(publicKey: Uint8Array): boolean {
  const bytes = Buffer.from(publicKey);
  bytes.writeUInt8(bytes.readUInt8(31) & 0x7f, 31);
  return smallOrder.has(bytes.toString("hex"));
}

/** Whether a signature over a message is that of a public key. False, and never thrown at, whatever the bytes are. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64 || isOfSmallOrder(publicKey)) return false;
  try {
    const key = createPublicKey({ key: Buffer.concat([publicPrefix, publicKey]), format: "der", type: "spki" });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}
