import { getAddress, hexlify, toUtf8Bytes } from "ethers";
import type { Output } from "../../../server/api/routes.ts";
import { signInStatement, writeSignIn } from "../../../server/domain/signIn.ts";
import { client } from "../api/client.ts";
import type { Connection } from "../wallet/connect.ts";
import { canonicalSignature } from "../wallet/signature.ts";

const minutesGood = 5;

/** Thrown when the gateway asks to sign in elsewhere, or to sign something else than to sign in. */
export class ChallengeForeign extends Error {
  override readonly name = "ChallengeForeign";
}

/** Writes the message that opens a session here (EIP-4361), and nowhere else. */
export async function writeMessage({ address }: Connection, chainId: number): Promise<string> {
  const challenge = await client.challenge();
  const isOurs = challenge.uri === location.origin && challenge.domain === location.host;
  if (!isOurs || challenge.chainId !== chainId || challenge.statement !== signInStatement)
    throw new ChallengeForeign(challenge.uri);
  const now = Date.now();
  return writeSignIn({
    ...challenge,
    address: getAddress(address),
    issuedAt: new Date(now).toISOString(),
    expirationTime: new Date(now + minutesGood * 60_000).toISOString(),
  });
}

/** Has the wallet sign the message, and opens the session in a cookie that no script can read. */
export async function signIn({ wallet, address }: Connection, message: string): Promise<Output<"session">> {
  const params = [hexlify(toUtf8Bytes(message)), address];
  const signature = canonicalSignature(await wallet.provider.request({ method: "personal_sign", params }));
  return client.signIn({ message, signature, form: "cookie" });
}
