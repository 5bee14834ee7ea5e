import { getBytes, hashMessage, type Wallet } from "ethers";
import { createClient } from "../../server/api/client.ts";
import type { SignInChallenge } from "../../server/api/session.ts";
import { fromHex } from "../../server/domain/hash.ts";
import type { Hash, Hex } from "../../server/domain/ids.ts";
import { signDigest } from "../../server/domain/signature.ts";
import { type SignIn, writeSignIn } from "../../server/domain/signIn.ts";

/** A good message for a challenge, valid for five minutes from `now`. */
export function messageFor(challenge: SignInChallenge, wallet: Wallet, now = Date.now()): SignIn {
  return {
    ...challenge,
    address: wallet.address,
    issuedAt: new Date(now).toISOString(),
    expirationTime: new Date(now + 300_000).toISOString(),
  };
}

export function signText(wallet: Wallet, text: string): Hex {
  return signDigest(fromHex(hashMessage(text) as Hash), getBytes(wallet.privateKey));
}

/** Signs in at a gateway as a browser or a program would; gives the answer. */
export async function postSignIn(
  url: string,
  wallet: Wallet,
  form: "cookie" | "bearer",
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const message = writeSignIn(messageFor(await createClient(url).challenge(), wallet));
  return fetch(`${url}/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ message, signature: signText(wallet, message), form }),
  });
}

/** The token of a cookie that an answer sets. */
export function cookieOf(response: Response): string {
  return /__Host-datapact=([0-9a-f]{64})/.exec(response.headers.get("set-cookie") ?? "")?.[1] ?? "";
}
