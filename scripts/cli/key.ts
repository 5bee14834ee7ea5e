import type { Command } from "commander";
import { readSecret } from "../../server/gateway/config.ts";
import { createKeystore, keystoreAddress } from "../../server/keystore.ts";
import { type Context, keyNames, Mistake, passphrase } from "./context.ts";
import { printTable } from "./print.ts";

export function addKeyCommands(program: Command, { home }: Context): void {
  const key = program.command("key").description("your keys, encrypted on this machine");

  const keep = async (name: string, privateKey?: string): Promise<void> => {
    if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(name))
      throw new Mistake("a key's name has lower-case letters, digits and hyphens.");
    const wallet = await createKeystore(
      home.keystore(name),
      await passphrase(home, `Passphrase for ${name}: `),
      privateKey,
    );
    console.log(`${wallet.address.toLowerCase()}\nKept in ${home.keystore(name)}. Back it up: nobody can restore it.`);
  };

  key
    .command("create <name>")
    .description("make a new key")
    .action((name: string) => keep(name));

  key
    .command("import <name> <file>")
    .description("keep a key that you have, encrypted; the file holds its 32 bytes in hex")
    .action((name: string, file: string) => {
      const text = readSecret(file);
      if (!/^(0x)?[0-9a-fA-F]{64}$/.test(text))
        throw new Mistake(`${file} does not hold a private key: 64 hex digits in one line.`);
      return keep(name, text.startsWith("0x") ? text : `0x${text}`);
    });

  key
    .command("list")
    .description("list your keys")
    .action(() =>
      printTable(
        ["name", "address"],
        keyNames(home).map((name) => [name, keystoreAddress(home.keystore(name))]),
      ),
    );
}
