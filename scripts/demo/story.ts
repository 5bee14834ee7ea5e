import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Space } from "../../server/chain/space.ts";
import { listAgreements, offer, relaySignature, signTerms } from "../../server/client/agreements.ts";
import { listDatasets, type PublishedDataset, registerDataset } from "../../server/client/datasets.ts";
import { numberFields } from "../../server/domain/dataset.ts";
import { toHex, zeroHash } from "../../server/domain/hash.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Capacity, Terms } from "../../server/domain/terms.ts";
import { policyHash } from "../../server/domain/typedData.ts";
import type { Home } from "../../server/home.ts";
import { loadDataset } from "../../server/intake/load.ts";
import { prepareDataset } from "../../server/intake/prepare.ts";
import { readerOf } from "../../server/intake/reader.ts";
import { createClient } from "../../server/store/database.ts";
import type { FoundedSpace, Founder } from "../space/foundSpace.ts";
import { generateNewborns } from "./generate.ts";

/** Whom the demo is about. Nobody of this name exists. */
export const founders: readonly [Founder, ...Founder[]] = [
  { key: "commission", name: "Demo Health Commission", registrationNumber: "DEMO-REG-0001", roles: ["Regulator"] },
  {
    key: "hospital",
    name: "Demo Women's and Children's Hospital",
    registrationNumber: "DEMO-HOS-0001",
    roles: ["Hospital"],
  },
  {
    key: "gateway",
    name: "Gateway 1 of the hospital",
    registrationNumber: "DEMO-HOS-0001/1",
    roles: ["Gateway"],
    hospital: "hospital",
  },
  { key: "device-maker", name: "Demo Bilirubin Meter Maker", registrationNumber: "DEMO-CON-0001", roles: ["Consumer"] },
  { key: "insurer", name: "Demo Health Insurer", registrationNumber: "DEMO-CON-0002", roles: ["Consumer"] },
];

export const datasetName = "neonatal-jaundice";

/** GA4GH DUO: disease-specific research. */
export const purpose = "DUO:0000007";

/** W3C DPV: what an insurer would want the same data for. */
export const insurersPurpose = "dpv:MaintainCreditRatingDatabase";

export const policy =
  "The device maker evaluates its non-invasive bilirubin meter against serum values of newborns. It may not try to identify anyone, " +
  "nor use the data for another purpose. Results may be published.";

const licensed = [
  "newborns.patient_id",
  "newborns.sex",
  "newborns.gestational_age_weeks",
  "newborns.birth_weight_g",
  "newborns.feeding_mode",
  "newborns.g6pd",
  "bilirubin.patient_id",
  "bilirubin.hours_of_life",
  "bilirubin.tsb_umol_l",
  "bilirubin.tcb_umol_l",
  "bilirubin.measured_site",
  "bilirubin.device_model",
  "bilirubin.after_phototherapy",
];

const seed = "datapact";

/** The first permitted query that `npm start` suggests. */
export const firstQuery =
  "SELECT device_model, count(*) AS pairs, avg(tcb_umol_l - tsb_umol_l) AS bias, corr(tcb_umol_l, tsb_umol_l) AS r " +
  "FROM bilirubin GROUP BY device_model ORDER BY device_model";

/** Loads the demo's records and registers them, unless that was done before. */
export async function publishDataset(
  home: Home,
  hospitalAdminUrl: string,
  { space, wallet, id }: FoundedSpace,
  say: (line: string) => void,
  newborns = 20_000,
): Promise<PublishedDataset> {
  const standing = await findDataset(space);
  if (standing !== undefined) return standing;
  const folder = join(home.folder, "demo");
  const { files, rows } = await generateNewborns({ seed, newborns, folder });
  say(`generated ${rows.newborns} newborns with ${rows.bilirubin} measurements`);
  const title = "Neonatal jaundice: serum and transcutaneous bilirubin";
  const proposal = await prepareDataset({
    files,
    title,
    patientKeys: ["patient_id"],
    levels: [],
    drop: [],
    encodings: [],
  });
  const client = createClient(hospitalAdminUrl, "datapact demo", "patient");
  await client.connect();
  try {
    await loadDataset(client, proposal, { name: datasetName, replace: true, reader: readerOf(hospitalAdminUrl) });
  } finally {
    await client.end();
  }
  rmSync(folder, { recursive: true });
  const rules = { purposes: [purpose], maxDisclosure: "Deidentified", minCohort: 10, approvals: 1 } as const;
  await registerDataset(space, wallet("hospital"), id("hospital"), datasetName, proposal.description, rules);
  say(`registered the dataset ${datasetName}`);
  const published = await findDataset(space);
  if (published === undefined) throw new Error("the dataset was registered and is not on chain");
  return published;
}

async function findDataset(space: Space): Promise<PublishedDataset | undefined> {
  return (await listDatasets(space)).find(({ name, status }) => name === datasetName && status !== "retired");
}

/** The terms of the demo's agreement; `change` replaces some of them. */
export function demoTerms({ id }: FoundedSpace, dataset: PublishedDataset, change: Partial<Terms> = {}): Terms {
  const now = Math.floor(Date.now() / 1_000);
  const fields = numberFields(dataset.description).filter(({ table, name }) => licensed.includes(`${table}.${name}`));
  return {
    assigner: id("hospital"),
    assignee: id("device-maker"),
    dataset: dataset.id,
    description: dataset.descriptionHash,
    purpose,
    fields: fields.reduce((bitmap, { number }) => bitmap | (1n << BigInt(number)), 0n),
    rows: "newborns.gestational_age_weeks >= 35",
    disclosure: "Aggregate",
    minCohort: 10,
    maxUses: 10_000n,
    maxRows: 1_000n,
    // in force at once, also where the chain's clock is a little behind
    validFrom: now - 60,
    validUntil: now + 365 * 86_400,
    assurance: "Receipt",
    policy: policyHash(policy),
    replaces: zeroHash as string as AgreementId,
    salt: toHex(randomBytes(32)),
    ...change,
  };
}

/** Offers terms and has all three sign them; the device maker relays its own. */
export async function concludeAgreement(founded: FoundedSpace, terms: Terms): Promise<AgreementId> {
  const { space, wallet } = founded;
  const id = await offer(space, wallet("device-maker"), terms, policy);
  for (const [key, capacity] of [
    ["hospital", "Assigner"],
    ["device-maker", "Assignee"],
    ["commission", "Regulator"],
  ] as const) {
    await signAs(founded, key, capacity, id, terms);
  }
  return id;
}

export async function signAs(
  { space, wallet, id: participant }: FoundedSpace,
  key: string,
  capacity: Capacity,
  id: AgreementId,
  terms: Terms,
): Promise<void> {
  const signature = await signTerms(space, wallet(key), terms, capacity, participant(key));
  await relaySignature(space, wallet(key), id, capacity, participant(key), signature);
}

/**
 * The demo's agreement, in force if one is. It is concluded only if none ever was: whoever stopped or ended it has the last word.
 */
export async function ensureAgreement(
  founded: FoundedSpace,
  dataset: PublishedDataset,
  say: (line: string) => void,
): Promise<AgreementId> {
  const all = await listAgreements(founded.space);
  const concluded = all.filter(
    ({ terms, status }) => terms.dataset === dataset.id && terms.purpose === purpose && status !== "Offered",
  );
  const standing = concluded.find(({ status }) => status === "InForce") ?? concluded.at(-1);
  if (standing?.status === "InForce") return standing.id;
  if (standing !== undefined) {
    say(`agreement ${standing.id} is ${standing.status}: see \`datapact agreement show\``);
    return standing.id;
  }
  const id = await concludeAgreement(founded, demoTerms(founded, dataset));
  say(`agreement ${id} is signed by hospital, device maker and commission`);
  return id;
}
