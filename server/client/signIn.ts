import { getBytes, hashMessage, type Wallet } from "ethers";

import { type Client, createClient } from "../api/client.ts";
import { fromHex } from "../domain/hash.ts";
import type { Hash } from "../domain/ids.ts";
import { signDigest } from "../domain/signature.ts";
import { signInStatement, writeSignIn } from "../domain/signIn.ts";

/** Thrown when a gateway asks to sign in elsewhere, or to sign something else. */
export class ChallengeForeign extends Error {
  override readonly name = "ChallengeForeign";
}

const minutesGood = 5;

/**
 * Opens a session with a key and gives the client that bears it. Signs only for the very origin that is asked and for this chain, so that no
 * gateway gets a message that opens a session at another.
 */
export async function signIn(gatewayUrl: string, wallet: Wallet, chainId: number): Promise<Client> {
  const { origin, host } = new URL(gatewayUrl);
  const challenge = await createClient(gatewayUrl).challenge();
  if (challenge.uri !== origin || challenge.domain !== host)
    throw new ChallengeForeign(`the gateway at ${origin} asks to sign in at ${challenge.uri}: ask it there`);
  if (challenge.chainId !== chainId || challenge.statement !== signInStatement)
    throw new ChallengeForeign(`the gateway at ${origin} asks to sign something else than to sign in here`);
  const now = Date.now();
  const message = writeSignIn({
    ...challenge,
    address: wallet.address,
    issuedAt: new Date(now).toISOString(),
    expirationTime: new Date(now + minutesGood * 60_000).toISOString(),
  });
  const signature = signDigest(fromHex(hashMessage(message) as Hash), getBytes(wallet.privateKey));
  const { token } = await createClient(gatewayUrl).signIn({ message, signature, form: "bearer" });
  return createClient(gatewayUrl, fetch, undefined, token ?? undefined);
}
