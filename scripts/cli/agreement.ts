import type { Command } from "commander";
import { write } from "../../server/chain/write.ts";
import { listAgreements, relaySignature, signTerms } from "../../server/client/agreements.ts";
import type { Participant } from "../../server/client/participants.ts";
import type { Capacity, Terms } from "../../server/domain/terms.ts";
import { confirmSigning } from "./confirm.ts";
import { type Context, Mistake, openKey, participantOf } from "./context.ts";
import { addOfferCommand } from "./offerAgreement.ts";
import { pickAgreement } from "./pickAgreement.ts";
import { inert, printTable, writeTime } from "./print.ts";
import { readNames } from "./readNames.ts";
import { showAgreement, standingOf } from "./showAgreement.ts";
import { showTerms, showTermsToSign } from "./showTerms.ts";

export function addAgreementCommands(program: Command, context: Context): void {
  const agreement = program.command("agreement").description("digital contracts");

  agreement
    .command("list")
    .description("list all agreements")
    .action(async () => {
      const space = context.space();
      const [all, names] = [await listAgreements(space), await readNames(space)];
      const rows = all.map(({ id, terms, status, uses }) => [
        id,
        status,
        names.participant(terms.assignee),
        names.dataset(terms.dataset),
        inert(terms.purpose),
        `${uses}/${terms.maxUses}`,
        writeTime(terms.validUntil),
      ]);
      printTable(["id", "status", "assignee", "dataset", "purpose", "uses", "valid until"], rows);
    });

  agreement
    .command("show <agreement>")
    .description("show the terms of an agreement and what happened to it")
    .action(async (asked: string) => showAgreement(context.space(), await pickAgreement(context.space(), asked)));

  addOfferCommand(agreement, context);

  agreement
    .command("sign <agreement>")
    .description("show the whole terms, and sign them in your capacity")
    .requiredOption("--as <key>", "your key")
    .option("--relay <key>", "the key that sends the transaction; yours by default")
    .option("--yes", "sign without asking")
    .action(async (asked: string, { as, relay, yes }: { as: string; relay?: string; yes?: boolean }) => {
      const space = context.space();
      const agreement = await pickAgreement(space, asked);
      const { id, terms } = agreement;
      const wallet = await openKey(context, as);
      const signer = await participantOf(space, wallet);
      const capacity = capacityOf(terms, signer);
      showTermsToSign(agreement, await readNames(space), standingOf(agreement));
      const whose = `${capacity} ${inert(signer.name)}`;
      await confirmSigning(`Sign all of this as ${whose}, with the key ${wallet.address.toLowerCase()}?`, yes);
      const signature = await signTerms(space, wallet, terms, capacity, signer.id);
      const sender = relay === undefined ? wallet : await openKey(context, relay);
      await relaySignature(space, sender, id, capacity, signer.id, signature);
      const { status } = await pickAgreement(space, id);
      console.log(`signed as ${whose}; the agreement is now ${status}`);
    });

  for (const [method, done, question] of [
    ["suspend", "suspended", undefined],
    ["reinstate", "reinstated", "Let this agreement go on?"],
    ["terminate", "terminated", "End this agreement for good?"],
  ] as const) {
    const command = agreement.command(`${method} <agreement>`).requiredOption("--as <key>", "your key");
    command.description(`${method} an agreement`);
    if (method !== "reinstate")
      command.requiredOption("--reason <text>", "why; everyone can read it, so name no person");
    // what stops for now, stops at once
    if (question !== undefined) command.option("--yes", "do it without asking");
    command.action(async (asked: string, { as, reason, yes }: { as: string; reason?: string; yes?: boolean }) => {
      const space = context.space();
      const found = await pickAgreement(space, asked);
      const wallet = await openKey(context, as);
      if (question !== undefined) {
        showTerms(found, await readNames(space), standingOf(found));
        await confirmSigning(question, yes);
      }
      await write(space, wallet, "AgreementRegistry", method, [found.id, ...(reason === undefined ? [] : [reason])]);
      console.log(done);
    });
  }
}

function capacityOf(terms: Terms, signer: Participant): Capacity {
  if (signer.id === terms.assigner) return "Assigner";
  if (signer.id === terms.assignee) return "Assignee";
  if (signer.roles.includes("Regulator")) return "Regulator";
  throw new Mistake(`${inert(signer.name)} is neither a party of this agreement nor a regulator.`);
}
