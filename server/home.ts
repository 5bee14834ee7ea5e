import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { parseJson } from "./domain/json.ts";

/** Where a running space listens: written by `npm start`, read by `datapact`. */
const addressesSchema = z.object({
  chainUrl: z.string(),
  gatewayUrl: z.string(),
  hospitalAdminUrl: z.string(),
});
export type Addresses = z.output<typeof addressesSchema>;

/** The folder of one space on this machine, and the files in it. */
export type Home = {
  readonly folder: string;
  readonly manifest: string;
  readonly keystore: (name: string) => string;
  readonly keys: string;
  readonly passphrase: string;
  readonly pseudonymSecret: string;
  readonly readerPassword: string;
  readonly receipts: string;
  /** Makes the folder if it is not there. The account that runs PostgreSQL may pass through it, and no more. */
  readonly make: () => void;
  readonly addresses: () => Addresses | undefined;
  readonly writeAddresses: (addresses: Addresses) => void;
};

/** Names the files of the folder that `DATAPACT_HOME` names, `.datapact` by default. */
export function openHome(named: string | undefined): Home {
  const folder = resolve(named ?? ".datapact");
  const file = join(folder, "addresses.json");
  return Object.freeze<Home>({
    folder,
    manifest: join(folder, "manifest.json"),
    keys: join(folder, "keys"),
    keystore: (name) => join(folder, "keys", `${name}.json`),
    passphrase: join(folder, "passphrase"),
    pseudonymSecret: join(folder, "pseudonym-secret"),
    readerPassword: join(folder, "reader-password"),
    receipts: join(folder, "receipts"),
    make: () => void mkdirSync(folder, { recursive: true, mode: 0o711 }),
    addresses: () => (existsSync(file) ? readAddresses(file) : undefined),
    writeAddresses: (addresses) => {
      writeFileSync(`${file}.draft`, JSON.stringify(addresses), { mode: 0o600 });
      renameSync(`${file}.draft`, file);
    },
  });
}

function readAddresses(file: string): Addresses {
  const parsed = addressesSchema.safeParse(parseJson(readFileSync(file, "utf8")));
  if (!parsed.success) throw new Error(`${file} cannot be read. Delete it: \`npm start\` writes it anew.`);
  return parsed.data;
}
