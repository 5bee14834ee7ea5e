import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import type { Command } from "commander";
import type { Space } from "../../server/chain/space.ts";
import { write } from "../../server/chain/write.ts";
import {
  listAgreementIds,
  listAgreements,
  offer,
  type PublishedAgreement,
  readAgreement,
  relaySignature,
  signTerms,
} from "../../server/client/agreements.ts";
import { listDatasets, type PublishedDataset } from "../../server/client/datasets.ts";
import type { Participant } from "../../server/client/participants.ts";
import { numberFields } from "../../server/domain/dataset.ts";
import { toHex, zeroHash } from "../../server/domain/hash.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { assurances, type Capacity, disclosures, type Terms } from "../../server/domain/terms.ts";
import { policyHash } from "../../server/domain/typedData.ts";
import { parseRowScope } from "../../server/query/rowScope.ts";
import { type Context, Mistake, openKey, participantOf, pick, pickParticipant } from "./context.ts";
import { inert, printTable, writeTime } from "./print.ts";
import { mostOf, readCount, readOne, readTime } from "./read.ts";
import { readNames, showAgreement } from "./showAgreement.ts";

type Offer = {
  as: string;
  dataset: string;
  assignee: string;
  purpose: string;
  fields: string;
  rows: string;
  disclosure: string;
  minCohort: string;
  maxUses: string;
  maxRows: string;
  from: string;
  until: string;
  assurance: string;
  policy: string;
  replaces?: string;
};

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

  agreement
    .command("offer")
    .description("publish terms for signature; they bind nobody yet")
    .requiredOption("--as <key>", "your key")
    .requiredOption("--dataset <dataset>", "id or name")
    .requiredOption("--assignee <participant>", "who may use the data: id, registration number or name")
    .requiredOption("--purpose <curie>", "such as DUO:0000007")
    .requiredOption(
      "--fields <fields>",
      "table.field,table.field,... or table.* or *; a star leaves out direct identifiers",
    )
    .option("--rows <predicate>", 'which rows, such as "newborns.gestational_weeks >= 35"', "")
    .option("--disclosure <kind>", disclosures.join(", "), "Aggregate")
    .option("--min-cohort <patients>", "fewest patients behind anything that leaves", "10")
    .option("--max-uses <uses>", "permitted requests in all", "1000")
    .option("--max-rows <rows>", "most rows of one answer", "1000")
    .option("--from <time>", "now, a day or a time", "now")
    .option("--until <time>", "such as 90d, 2027-06-30 or 2027-06-30T08:00:00Z", "365d")
    .option("--assurance <kind>", `when an answer leaves: ${assurances.join(" or ")}`, "Receipt")
    .requiredOption("--policy <file>", "the file with the policy, in words, that the parties agree on")
    .option("--replaces <agreement>", "the agreement that ends when this one is finalized")
    .action(async (options: Offer) => {
      const space = context.space();
      const policy = readPolicy(options.policy);
      const terms = await readTerms(space, options, policy);
      const id = await offer(space, await openKey(context, options.as), terms, policy);
      console.log(
        `${id}\nAssigner, assignee and regulator now look at it and sign it: npx datapact agreement show ${id.slice(0, 12)}, npx datapact agreement sign ${id.slice(0, 12)} --as KEY`,
      );
    });

  agreement
    .command("sign <agreement>")
    .description("sign the whole terms in your capacity")
    .requiredOption("--as <key>", "your key")
    .option("--relay <key>", "the key that sends the transaction; yours by default")
    .action(async (asked: string, { as, relay }: { as: string; relay?: string }) => {
      const space = context.space();
      const { id, terms } = await pickAgreement(space, asked);
      const wallet = await openKey(context, as);
      const signer = await participantOf(space, wallet);
      const capacity = capacityOf(terms, signer);
      const signature = await signTerms(space, wallet, terms, capacity, signer.id);
      const sender = relay === undefined ? wallet : await openKey(context, relay);
      await relaySignature(space, sender, id, capacity, signer.id, signature);
      const { status } = await pickAgreement(space, id);
      console.log(`signed as ${capacity} ${inert(signer.name)}; the agreement is now ${status}`);
    });

  for (const [method, done, needsReason] of [
    ["suspend", "suspended", true],
    ["reinstate", "reinstated", false],
    ["terminate", "terminated", true],
  ] as const) {
    const command = agreement.command(`${method} <agreement>`).requiredOption("--as <key>", "your key");
    command.description(`${method} an agreement`);
    if (needsReason) command.requiredOption("--reason <text>", "why; everyone can read it, so name no person");
    command.action(async (asked: string, { as, reason }: { as: string; reason: string }) => {
      const { id } = await pickAgreement(context.space(), asked);
      await write(
        context.space(),
        await openKey(context, as),
        "AgreementRegistry",
        method,
        needsReason ? [id, reason] : [id],
      );
      console.log(done);
    });
  }
}

/** Finds an agreement by its id or the start of it. */
export async function pickAgreement(space: Space, asked: string): Promise<PublishedAgreement> {
  const { id } = pick("agreement", asked, await listAgreementIds(space), (item) => [item.id]);
  const found = await readAgreement(space, id);
  if (found === undefined) throw new Mistake(`the chain shows no agreement ${id}.`);
  return found;
}

/** What the parties agree on in words; a name that is no file is no policy. */
function readPolicy(file: string): string {
  if (!existsSync(file) || !statSync(file).isFile())
    throw new Mistake(`--policy ${file}: there is no such file. Write what the parties agree on into one.`);
  return readFileSync(file, "utf8");
}

async function readTerms(space: Space, options: Offer, policy: string): Promise<Terms> {
  const datasets = (await listDatasets(space)).filter(({ status }) => status !== "retired");
  const dataset = pick("dataset", options.dataset, datasets, ({ id, name }) => [id, name]);
  await parseRowScope(options.rows, dataset.description);
  return {
    assigner: dataset.holder,
    assignee: (await pickParticipant(space, options.assignee)).id,
    dataset: dataset.id,
    description: dataset.descriptionHash,
    purpose: options.purpose,
    fields: readFields(dataset, options.fields),
    rows: options.rows,
    disclosure: readOne("disclosure", options.disclosure, disclosures),
    minCohort: Number(readCount("min-cohort", options.minCohort, mostOf(32))),
    maxUses: readCount("max-uses", options.maxUses, mostOf(64)),
    maxRows: readCount("max-rows", options.maxRows, mostOf(64)),
    validFrom: readTime(options.from),
    validUntil: readTime(options.until),
    assurance: readOne("assurance", options.assurance, assurances),
    policy: policyHash(policy),
    replaces:
      options.replaces === undefined
        ? (zeroHash as string as AgreementId)
        : (await pickAgreement(space, options.replaces)).id,
    salt: toHex(randomBytes(32)),
  };
}

/** Reads a list of fields as a bitmap. A star takes all but direct identifiers. */
export function readFields({ description }: Pick<PublishedDataset, "description">, text: string): bigint {
  const all = numberFields(description);
  return text.split(",").reduce((bitmap, asked) => {
    const name = asked.trim();
    const star = name === "*" ? "" : name.endsWith(".*") ? name.slice(0, -1) : undefined;
    const found = all.filter((field) =>
      star === undefined
        ? `${field.table}.${field.name}` === name
        : `${field.table}.`.startsWith(star) && field.level !== "Direct",
    );
    if (found.length === 0) throw new Mistake(`the dataset has no field "${name}". See \`datapact dataset show\`.`);
    return found.reduce((bits, { number }) => bits | (1n << BigInt(number)), bitmap);
  }, 0n);
}

function capacityOf(terms: Terms, signer: Participant): Capacity {
  if (signer.id === terms.assigner) return "Assigner";
  if (signer.id === terms.assignee) return "Assignee";
  if (signer.roles.includes("Regulator")) return "Regulator";
  throw new Mistake(`${inert(signer.name)} is neither a party of this agreement nor a regulator.`);
}
