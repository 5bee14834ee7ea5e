import { createHmac } from "node:crypto";

/** Gives for an identifier of a domain a pseudonym: HMAC-SHA256 under the agreement's key, 16 bytes as hex. */
export function pseudonym(key: Uint8Array, domain: string, identifier: string): string {
  return createHmac("sha256", key)
    .update(JSON.stringify([domain, identifier]))
    .digest("hex")
    .slice(0, 32);
}

/** A secret under which rows are ordered by their identifiers without telling the order of the identifiers. */
export function orderSecret(key: Uint8Array): string {
  return createHmac("sha256", key).update("order").digest("hex");
}
