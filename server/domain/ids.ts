/** Branded ids, so that two hashes cannot be swapped. All are lower-case hex with `0x`. */
declare const brand: unique symbol;
type Branded<Name extends string> = `0x${string}` & { readonly [brand]: Name };

export type ParticipantId = Branded<"ParticipantId">;
export type DatasetId = Branded<"DatasetId">;
export type AgreementId = Branded<"AgreementId">;
/** SHA-256 of an entry's canonical bytes: 32 bytes. */
export type EntryDigest = Branded<"EntryDigest">;
/** EIP-712 digest of a usage request: 32 bytes. */
export type RequestDigest = Branded<"RequestDigest">;
/** Any other 32 bytes. */
export type Hash = Branded<"Hash">;
/** 20 bytes. */
export type Address = Branded<"Address">;
/** Bytes of any length. */
export type Hex = `0x${string}`;
