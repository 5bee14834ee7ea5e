import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { HDNodeWallet, Wallet } from "ethers";
import { z } from "zod";
import { parseJson } from "./domain/json.ts";

const keystoreSchema = z.object({ address: z.string().regex(/^(0x)?[0-9a-fA-F]{40}$/) });

/** Thrown when a keystore cannot be opened; says why. */
export class KeystoreUnusable extends Error {
  override readonly name = "KeystoreUnusable";
}

/**
 * Writes a key, a new one unless it is given, encrypted (Web3 Secret Storage, scrypt) to a file that must not exist yet.
 * @param privateKey 32 bytes in hex.
 */
export async function createKeystore(file: string, passphrase: string, privateKey?: string): Promise<Wallet> {
  const wallet = new Wallet(privateKey ?? Wallet.createRandom().privateKey);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, `${await wallet.encrypt(passphrase)}\n`, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw new KeystoreUnusable(`${file} exists already; a key is never overwritten. Choose another name.`, { cause });
  }
  return wallet;
}

/** Opens a keystore. Throws `KeystoreUnusable` if it is none, or if the passphrase is not its own. */
export async function openKeystore(file: string, passphrase: string): Promise<Wallet> {
  try {
    const opened = await Wallet.fromEncryptedJson(readKeystore(file), passphrase);
    return opened instanceof HDNodeWallet ? new Wallet(opened.privateKey) : opened;
  } catch (cause) {
    if (cause instanceof KeystoreUnusable) throw cause;
    const wrong = /incorrect password/i.test(String(cause));
    throw new KeystoreUnusable(wrong ? `the passphrase does not open ${file}` : `${file} is not a keystore`, { cause });
  }
}

/** Reads the address of a keystore without opening it. */
export function keystoreAddress(file: string): string {
  const parsed = keystoreSchema.safeParse(parseJson(readKeystore(file)));
  if (!parsed.success) throw new KeystoreUnusable(`${file} is not a keystore, or does not tell its address`);
  return `0x${parsed.data.address.replace(/^0x/, "").toLowerCase()}`;
}

function readKeystore(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new KeystoreUnusable(`there is no keystore ${file}. Make one with \`datapact key create\`.`, { cause });
  }
}
