import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import type { Command } from "commander";
import type { Space } from "../../server/chain/space.ts";
import { offer } from "../../server/client/agreements.ts";
import { listDatasets, type PublishedDataset } from "../../server/client/datasets.ts";
import { numberFields } from "../../server/domain/dataset.ts";
import { toHex, zeroHash } from "../../server/domain/hash.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { assurances, disclosures, type Terms } from "../../server/domain/terms.ts";
import { agreementId, policyHash } from "../../server/domain/typedData.ts";
import { parseRowScope } from "../../server/query/rowScope.ts";
import { confirmSigning } from "./confirm.ts";
import { type Context, Mistake, openKey, pick, pickParticipant } from "./context.ts";
import { pickAgreement } from "./pickAgreement.ts";
import { mostOf, readCount, readOne, readTime } from "./read.ts";
import { readNames } from "./readNames.ts";
import { showTermsToSign } from "./showTerms.ts";

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
  yes?: boolean;
};

export function addOfferCommand(agreement: Command, context: Context): void {
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
    .option("--yes", "publish without asking")
    .action(async (options: Offer) => {
      const space = context.space();
      const policy = readPolicy(options.policy);
      const terms = await readTerms(space, options, policy);
      const wallet = await openKey(context, options.as);
      const shown = { id: agreementId(terms, space.domainOf("AgreementRegistry")), terms, policy };
      showTermsToSign(shown, await readNames(space));
      await confirmSigning("Publish these terms, which everyone can read from then on?", options.yes);
      const id = await offer(space, wallet, terms, policy);
      console.log(
        `${id}\nAssigner, assignee and regulator now look at it and sign it: npx datapact agreement show ${id.slice(0, 12)}, npx datapact agreement sign ${id.slice(0, 12)} --as KEY`,
      );
    });
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
