import type { Command } from "commander";
import { write } from "../../server/chain/write.ts";
import { type AuthorityRole, authorityRoles, listAnnounced, listHolders } from "../../server/client/authority.ts";
import { govern } from "../../server/client/govern.ts";
import { addressOf, type Context, Mistake, openKey } from "./context.ts";
import { inert, printGoverned, printTable, writeTime } from "./print.ts";
import { mostOf, readCount, readOne, readSeconds } from "./read.ts";

export function addGovernanceCommands(program: Command, context: Context): void {
  const governance = program.command("governance").description("who may do what, and what is announced");

  governance
    .command("show")
    .description("list who holds which role, and what is announced")
    .action(async () => {
      const space = context.space();
      const holders = (await listHolders(space)).map(({ role, account, delay }) => [role, account, `${delay} s`]);
      printTable(["role", "account", "delay"], holders);
      const announced = await listAnnounced(space);
      if (announced.length === 0) return;
      console.log();
      const rows = announced.map(({ from, call, caller, operation }) => [
        writeTime(from),
        inert(call),
        caller,
        operation,
      ]);
      printTable(["from", "act", "by", "operation"], rows);
    });

  governance
    .command("approvals <number>")
    .description("set how many regulators must approve an agreement (recovery)")
    .requiredOption("--as <key>", "your key")
    .action(async (text: string, { as }: { as: string }) => {
      const args = [readCount("number", text, mostOf(8))];
      const wallet = await openKey(context, as);
      printGoverned(await govern(context.space(), wallet, "AgreementRegistry", "setApprovals", args), "set");
    });

  governance
    .command("grant <role> <account>")
    .description("give an account a role (admin)")
    .requiredOption("--as <key>", "your key")
    .option("--delay <seconds>", "between announcing and doing; not for the regulator's role", "259200")
    .action(async (text: string, account: string, { as, delay }: { as: string; delay: string }) => {
      const role = readOne("role", text, authorityRoles);
      const seconds = role === "regulator" ? 0 : readSeconds("delay", delay);
      const args = [numberOf(role), addressOf(context, account), seconds];
      const wallet = await openKey(context, as);
      printGoverned(await govern(context.space(), wallet, "Authority", "grantRole", args), "granted");
    });

  governance
    .command("revoke <role> <account>")
    .description("take a role from an account (admin)")
    .requiredOption("--as <key>", "your key")
    .action(async (text: string, account: string, { as }: { as: string }) => {
      const args = [numberOf(readOne("role", text, authorityRoles)), addressOf(context, account)];
      const wallet = await openKey(context, as);
      printGoverned(await govern(context.space(), wallet, "Authority", "revokeRole", args), "revoked");
    });

  governance
    .command("cancel <operation>")
    .description("cancel what is announced (who announced it, a regulator, an admin)")
    .requiredOption("--as <key>", "your key")
    .action(async (operation: string, { as }: { as: string }) => {
      const space = context.space();
      const found = (await listAnnounced(space)).find((announced) => announced.operation === operation);
      if (found === undefined)
        throw new Mistake(`nothing is announced as ${operation}. See \`datapact governance show\`.`);
      const args = [found.caller, found.target, found.data];
      await write(space, await openKey(context, as), "Authority", "cancel", args);
      console.log("canceled");
    });
}

function numberOf(role: AuthorityRole): number {
  return authorityRoles.indexOf(role);
}
