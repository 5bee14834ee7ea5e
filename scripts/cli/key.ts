import type { Command } from "commander";
import { createKeystore, keystoreAddress } from "../../server/keystore.ts";
import { type Context, keyNames, Mistake, passphrase } from "./context.ts";
import { printTable } from "./print.ts";

export function addKeyCommands(program: Command, { home }: Context): void {
  const key = program.command("key").description("your keys, encrypted on this machine");

  key
    .command("create <name>")
    .description("make a new key")
    .action(async (name: string) => {
      if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(name))
        throw new Mistake("a key's name has lower-case letters, digits and hyphens.");
      const wallet = await createKeystore(home.keystore(name), await passphrase(home, "Passphrase for the new key: "));
      console.log(
        `${wallet.address.toLowerCase()}\nKept in ${home.keystore(name)}. Back it up: nobody can restore it.`,
      );
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
