import { existsSync, readdirSync } from "node:fs";
import { basename, extname } from "node:path";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Wallet } from "ethers";
import { openSpace, readManifest, type Space } from "../../server/chain/space.ts";
import { listParticipants, type Participant } from "../../server/client/participants.ts";
import { readSecret } from "../../server/gateway/config.ts";
import type { Address } from "../../server/domain/ids.ts";
import { type Home, openHome } from "../../server/home.ts";
import { keystoreAddress, openKeystore } from "../../server/keystore.ts";

/** A mistake of whoever typed the command: shown as one sentence, without a stack. */
export class Mistake extends Error {
  override readonly name = "Mistake";
}

/** What the commands work on. */
export type Context = {
  readonly home: Home;
  readonly space: () => Space;
  readonly chainUrl: () => string;
  readonly gatewayUrl: () => string;
  readonly hospitalAdminUrl: () => string;
};

export function createContext(): Context {
  const home = openHome(process.env.DATAPACT_HOME);
  const address = (name: "chainUrl" | "gatewayUrl" | "hospitalAdminUrl", variable: string): string => {
    const found = process.env[variable] ?? home.addresses()?.[name];
    if (found !== undefined && /^(https?|postgres(ql)?):\/\/./.test(found)) return found;
    if (found !== undefined) throw new Mistake(`${variable} is "${found}" and must be a URL, protocol and all.`);
    throw new Mistake(`nothing runs in ${home.folder} yet. Run \`npm start\` in another terminal, or set ${variable}.`);
  };
  let space: Space | undefined;
  return {
    home,
    space: () => {
      const file = process.env.DATAPACT_MANIFEST ?? home.manifest;
      if (!existsSync(file))
        throw new Mistake(`there is no manifest ${file}. Run \`npm start\` first, or set DATAPACT_MANIFEST.`);
      space ??= openSpace(address("chainUrl", "DATAPACT_CHAIN_URL"), readManifest(file));
      return space;
    },
    chainUrl: () => address("chainUrl", "DATAPACT_CHAIN_URL"),
    gatewayUrl: () => address("gatewayUrl", "DATAPACT_GATEWAY_URL"),
    hospitalAdminUrl: () => address("hospitalAdminUrl", "DATAPACT_HOSPITAL_ADMIN_URL"),
  };
}

/** Names of the keys in this home. */
export function keyNames({ keys }: Home): string[] {
  if (!existsSync(keys)) return [];
  return readdirSync(keys)
    .filter((file) => extname(file) === ".json")
    .map((file) => basename(file, ".json"))
    .sort();
}

/** Opens a key of this home; its passphrase comes from a file, or is asked for. */
export async function openKey({ home }: Context, name: string): Promise<Wallet> {
  if (!keyNames(home).includes(name)) {
    throw new Mistake(
      `there is no key "${name}". You have: ${keyNames(home).join(", ") || "none; see `datapact key create`"}.`,
    );
  }
  return openKeystore(home.keystore(name), await passphrase(home, `Passphrase of ${name}: `));
}

/** The passphrase from `DATAPACT_PASSPHRASE_FILE` or this home's file; otherwise from the terminal, unseen. */
export async function passphrase(home: Home, question: string): Promise<string> {
  const file = process.env.DATAPACT_PASSPHRASE_FILE ?? home.passphrase;
  if (existsSync(file)) return readSecret(file);
  if (!process.stdin.isTTY) throw new Mistake("no passphrase: set DATAPACT_PASSPHRASE_FILE to a file that holds it.");
  process.stdout.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  const answer = await reader.question("");
  reader.close();
  process.stdout.write("\n");
  if (answer === "") throw new Mistake("an empty passphrase protects nothing.");
  return answer;
}

/** Reads an address, or the name of a key in this home. */
export function addressOf({ home }: Context, nameOrAddress: string): Address {
  if (/^0x[0-9a-fA-F]{40}$/.test(nameOrAddress)) return nameOrAddress.toLowerCase() as Address;
  if (keyNames(home).includes(nameOrAddress)) return keystoreAddress(home.keystore(nameOrAddress)) as Address;
  throw new Mistake(
    `"${nameOrAddress}" is neither an address nor a key of yours (${keyNames(home).join(", ") || "none"}).`,
  );
}

/** Finds the one thing that is meant by an id, the start of an id, or a name. */
export function pick<T>(kind: string, asked: string, all: readonly T[], names: (item: T) => readonly string[]): T {
  const exact = all.filter((item) => names(item).includes(asked));
  const found =
    exact.length > 0
      ? exact
      : all.filter((item) => names(item).some((name) => asked.length >= 4 && name.startsWith(asked)));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const known = all.map((item) => names(item).at(-1)).join(", ") || "none";
  throw new Mistake(
    `${found.length === 0 ? "no" : "more than one"} ${kind} is called "${asked}". There are: ${known}.`,
  );
}

/** Finds a participant by id, registration number or name. */
export async function pickParticipant(space: Space, asked: string): Promise<Participant> {
  return pick("participant", asked, await listParticipants(space), ({ id, registrationNumber, name }) => [
    id,
    registrationNumber,
    name,
  ]);
}

/** Finds whom a key stands for. */
export async function participantOf(space: Space, wallet: Wallet): Promise<Participant> {
  const key = wallet.address.toLowerCase();
  const found = (await listParticipants(space)).find((participant) => participant.key === key);
  if (found === undefined)
    throw new Mistake(
      `the key ${key} stands for no participant. Let a regulator admit it: datapact participant admit.`,
    );
  return found;
}
