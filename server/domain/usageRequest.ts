import type { AgreementId, Hash, Hex, ParticipantId } from "./ids.ts";

/** What a consumer signs for each use (EIP-712, domain of `UsagePolicy`). `issuedAt` is unix seconds, `nonce` 32 random bytes. */
export type UsageRequest = {
  readonly gateway: ParticipantId;
  readonly agreement: AgreementId;
  readonly purpose: string;
  readonly statement: string;
  readonly issuedAt: number;
  readonly nonce: Hash;
};

/** A request with its signature: 65 bytes r, s, v; v is 27 or 28 and s low. */
export type SignedRequest = { readonly request: UsageRequest; readonly signature: Hex };

/** How long before or after its `issuedAt` a request is taken, in seconds. */
export const requestWindow = 300;
