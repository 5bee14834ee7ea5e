import type { Command } from "commander";
import { write } from "../../server/chain/write.ts";
import { govern } from "../../server/client/govern.ts";
import { admit, listParticipants } from "../../server/client/participants.ts";
import { roles } from "../../server/domain/roles.ts";
import { participantId } from "../../server/domain/typedData.ts";
import { addressOf, type Context, openKey, pickParticipant } from "./context.ts";
import { inert, printGoverned, printTable } from "./print.ts";
import { readOne, readTime } from "./read.ts";

type Admit = { as: string; name: string; registration: string; role: string[]; key: string; hospital?: string };

export function addParticipantCommands(program: Command, context: Context): void {
  const participant = program.command("participant").description("legal entities and their keys");

  participant
    .command("list")
    .description("list all participants")
    .action(async () => {
      const all = await listParticipants(context.space());
      const rows = all.map(({ id, name, registrationNumber, roles: held, key, suspended }) => [
        inert(name),
        held.join("+"),
        inert(registrationNumber),
        key,
        suspended ? "suspended" : "active",
        id,
      ]);
      printTable(["name", "roles", "registration number", "key", "status", "id"], rows);
    });

  participant
    .command("admit")
    .description("admit a legal entity, or a hospital's gateway (regulator)")
    .requiredOption("--as <key>", "your key")
    .requiredOption("--name <name>", "name of the entity")
    .requiredOption("--registration <number>", "its public registration number")
    .requiredOption("--role <role...>", "Hospital, Consumer, Regulator or Gateway")
    .requiredOption("--key <key>", "its address, or the name of a key of yours")
    .option("--hospital <participant>", "for which hospital a gateway acts")
    .action(async (options: Admit) => {
      const space = context.space();
      const hospital = options.hospital === undefined ? undefined : (await pickParticipant(space, options.hospital)).id;
      const admission = {
        name: options.name,
        registrationNumber: options.registration,
        roles: options.role.map((text) => readOne("role", text, roles)),
        key: addressOf(context, options.key),
        hospital,
      };
      const admitted = await admit(space, await openKey(context, options.as), admission);
      printGoverned(admitted, participantId(options.registration));
    });

  participant
    .command("recover <participant>")
    .description("give a participant a new key and end its delegates (regulator)")
    .requiredOption("--as <key>", "your key")
    .requiredOption("--to <key>", "address or name of the new key")
    .action(async (asked: string, { as, to }: { as: string; to: string }) => {
      const space = context.space();
      const { id } = await pickParticipant(space, asked);
      const args = [id, addressOf(context, to)];
      printGoverned(
        await govern(space, await openKey(context, as), "ParticipantRegistry", "recoverKey", args),
        "recovered",
      );
    });

  participant
    .command("suspend <participant>")
    .description("stop every agreement of a participant at once (regulator)")
    .requiredOption("--as <key>", "your key")
    .requiredOption("--reason <text>", "why; everyone can read it, so name no person")
    .action(async (asked: string, { as, reason }: { as: string; reason: string }) => {
      const { id } = await pickParticipant(context.space(), asked);
      await write(context.space(), await openKey(context, as), "ParticipantRegistry", "suspend", [id, reason]);
      console.log("suspended");
    });

  participant
    .command("reinstate <participant>")
    .description("undo a suspension (regulator)")
    .requiredOption("--as <key>", "your key")
    .action(async (asked: string, { as }: { as: string }) => {
      const { id } = await pickParticipant(context.space(), asked);
      await write(context.space(), await openKey(context, as), "ParticipantRegistry", "reinstate", [id]);
      console.log("reinstated");
    });

  participant
    .command("rotate-key")
    .description("replace your key by a new one")
    .requiredOption("--as <key>", "your present key")
    .requiredOption("--to <key>", "address or name of the new key")
    .action(async ({ as, to }: { as: string; to: string }) => {
      const wallet = await openKey(context, as);
      await write(context.space(), wallet, "ParticipantRegistry", "rotateKey", [addressOf(context, to)]);
      console.log("rotated");
    });

  participant
    .command("authorize <key>")
    .description("let another key send requests for you until a time")
    .requiredOption("--as <key>", "your key")
    .requiredOption("--until <time>", "such as 2027-06-30 or 90d")
    .action(async (delegate: string, { as, until }: { as: string; until: string }) => {
      const wallet = await openKey(context, as);
      const args = [addressOf(context, delegate), readTime(until)];
      await write(context.space(), wallet, "ParticipantRegistry", "authorizeDelegate", args);
      console.log("authorized");
    });

  participant
    .command("revoke <key>")
    .description("end a key that you let act for you")
    .requiredOption("--as <key>", "your key")
    .action(async (delegate: string, { as }: { as: string }) => {
      const wallet = await openKey(context, as);
      await write(context.space(), wallet, "ParticipantRegistry", "revokeDelegate", [addressOf(context, delegate)]);
      console.log("revoked");
    });
}
