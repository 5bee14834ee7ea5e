import { getAddress, hashMessage } from "ethers";
import { fromHex } from "../domain/hash.ts";
import type { Address, Hash, Hex } from "../domain/ids.ts";
import { recoverSigner } from "../domain/signature.ts";
import { readSignIn, type SignIn, signInStatement } from "../domain/signIn.ts";
import { SignInRefused } from "./refused.ts";

/** What a message must name. `origin` is the gateway's public one. */
export type Expected = { readonly origin: string; readonly chainId: number; readonly now: number };

/** How far clocks may differ, and how old a message may be, in seconds. */
const mostDrift = 60;
const mostAge = 600;

/**
 * Checks a signed message, member by member, without asking anybody. Gives who signed it and its nonce, which the caller must use up.
 * Throws `SignInRefused`.
 */
export function verifySignIn(text: string, signature: Hex, expected: Expected): { key: Address; nonce: string } {
  const message = readSignIn(text);
  if (message === undefined || message.version !== "1" || message.statement !== signInStatement)
    throw new SignInRefused("MessageMalformed");
  if (message.uri !== expected.origin || message.domain !== new URL(expected.origin).host)
    throw new SignInRefused("DomainMismatch");
  if (message.chainId !== expected.chainId) throw new SignInRefused("ChainMismatch");
  if (!isCurrent(message, expected.now)) throw new SignInRefused("MessageExpired");
  const key = recoverSigner(fromHex(hashMessage(text) as Hash), signature);
  if (key === undefined || message.address !== getAddress(key)) throw new SignInRefused("SignatureMismatch");
  return { key, nonce: message.nonce };
}

function isCurrent({ issuedAt, expirationTime }: SignIn, now: number): boolean {
  const [from, until] = [Date.parse(issuedAt) / 1_000, Date.parse(expirationTime) / 1_000];
  // a day that its month has not gives NaN, and nothing compares with that
  return from <= now + mostDrift && from >= now - mostAge && now < until && from < until;
}
