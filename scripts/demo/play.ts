import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { createClient } from "../../server/api/client.ts";
import { ContractRefused } from "../../server/chain/revert.ts";
import { write } from "../../server/chain/write.ts";
import { offer, readAgreement } from "../../server/client/agreements.ts";
import type { PublishedDataset } from "../../server/client/datasets.ts";
import { verifyEvidence } from "../../server/client/evidence.ts";
import { signRequest } from "../../server/client/usage.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { type Gateway, startGateway } from "../../server/gateway/startGateway.ts";
import { openHome } from "../../server/home.ts";
import type { Evidence } from "../../server/proof/verifyReceipt.ts";
import { type Engines, startEngines } from "../space/engines.ts";
import { type FoundedSpace, foundSpace, gatewayConfig } from "../space/foundSpace.ts";
import { demoTerms, firstQuery, founders, insurersPurpose, policy, publishDataset, purpose, signAs } from "./story.ts";

/** What the unattended demo found: `held` has one fact a step, `failed` those that were not so. */
type Summary = {
  readonly ok: boolean;
  readonly held: number;
  readonly failed: readonly string[];
  readonly permitted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly entries: number;
  readonly receiptsVerified: number;
  readonly alterationsDetected: number;
  readonly seconds: number;
};

const started = performance.now();
const failed: string[] = [];
const kept: Evidence[] = [];
let held = 0;

function chapter(title: string): void {
  console.log(`\n${title}`);
}

function hold(fact: string, isSo: boolean): void {
  console.log(`  ${isSo ? "ok    " : "FAILED"}  ${fact}`);
  if (isSo) held += 1;
  else failed.push(fact);
}

type Asked = { readonly key?: string; readonly purpose?: string; readonly statement: string };

/** Asks as a consumer does, keeps the evidence, and gives the reason of a refusal or undefined. */
async function ask(
  founded: FoundedSpace,
  gateway: Gateway,
  agreement: AgreementId,
  asked: Asked,
): Promise<string | undefined> {
  const { space, wallet } = founded;
  const signed = signRequest(wallet(asked.key ?? "device-maker"), space.domainOf("UsagePolicy"), {
    gateway: gateway.id,
    agreement,
    purpose: asked.purpose ?? purpose,
    statement: asked.statement,
  });
  const answer = await createClient(gateway.url).use(signed);
  const { entry, receipt } = answer;
  kept.push({
    signed,
    entry,
    receipt,
    ...("result" in answer ? { result: answer.result } : {}),
  } as unknown as Evidence);
  return "result" in answer ? undefined : answer.code;
}

async function refusedBy(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof ContractRefused) return error.error;
    throw error;
  }
}

const count = "SELECT count(*) FROM newborns";

const permittedQueries: readonly (readonly [string, string])[] = [
  ["bias and correlation of each meter against serum", firstQuery],
  [
    "bias by gestational age, over a join",
    "SELECT n.gestational_age_weeks AS weeks, count(*) AS pairs, avg(b.tcb_umol_l - b.tsb_umol_l) AS bias " +
      "FROM bilirubin b JOIN newborns n ON n.patient_id = b.patient_id GROUP BY 1 ORDER BY 1",
  ],
  [
    "bias at low, middle and high serum values",
    "SELECT CASE WHEN tsb_umol_l < 150 THEN 'below 150' WHEN tsb_umol_l < 250 THEN '150 to 250' ELSE 'above 250' END AS serum, " +
      "count(DISTINCT patient_id) AS newborns, avg(tcb_umol_l - tsb_umol_l) AS bias FROM bilirubin GROUP BY 1 ORDER BY 1",
  ],
];

const refusedQueries: readonly (readonly [string, string, Asked])[] = [
  ["the insurer asks under the device maker's agreement", "SignerUnknown", { key: "insurer", statement: count }],
  ["another purpose than was agreed", "PurposeMismatch", { purpose: insurersPurpose, statement: count }],
  [
    "a field outside the license",
    "FieldOutsideLicense",
    { statement: "SELECT district, count(*) FROM newborns GROUP BY district" },
  ],
  ["a direct identifier", "StatementRefused", { statement: "SELECT mother_name FROM newborns" }],
  ["rows where only figures may leave", "DisclosureNotPermitted", { statement: "SELECT sex FROM newborns LIMIT 10" }],
  ["a group under the smallest cohort", "CohortTooSmall", { statement: `${count} WHERE birth_weight_g = 1` }],
  ["SQL outside the language", "StatementRefused", { statement: "DELETE FROM newborns" }],
];

async function play(founded: FoundedSpace, gateway: Gateway, dataset: PublishedDataset): Promise<void> {
  const { space, wallet } = founded;

  chapter("One scenario, one authorization");
  const insurers = demoTerms(founded, dataset, { assignee: founded.id("insurer"), purpose: insurersPurpose });
  const refusal = await refusedBy(() => offer(space, wallet("insurer"), insurers, policy));
  hold(
    `the insurer cannot even offer a purpose that the hospital does not permit (${refusal})`,
    refusal === "TermsPurposeInvalid",
  );
  const terms = demoTerms(founded, dataset);
  const agreement = await offer(space, wallet("device-maker"), terms, policy);
  hold("the device maker offers", (await readAgreement(space, agreement))?.status === "Offered");
  await signAs(founded, "device-maker", "Assignee", agreement, terms);
  await signAs(founded, "hospital", "Assigner", agreement, terms);
  const early = await ask(founded, gateway, agreement, { statement: count });
  hold(`two of three signatures do not suffice (${early})`, early === "AgreementNotFinalized");
  await signAs(founded, "commission", "Regulator", agreement, terms);
  hold(
    "hospital, device maker and commission have signed",
    (await readAgreement(space, agreement))?.status === "InForce",
  );

  chapter("Permitted");
  for (const [fact, statement] of permittedQueries) {
    hold(fact, (await ask(founded, gateway, agreement, { statement })) === undefined);
    for (const row of kept.at(-1)?.result?.rows ?? []) console.log(`            ${row.join("  ")}`);
  }

  chapter("Refused, and recorded like what is permitted");
  for (const [fact, expected, asked] of refusedQueries) {
    const reason = await ask(founded, gateway, agreement, asked);
    hold(`${fact} (${reason})`, reason === expected);
  }

  chapter("Suspension bites in the next block");
  await write(space, wallet("commission"), "AgreementRegistry", "suspend", [agreement, "the demo shows it"]);
  const suspended = await ask(founded, gateway, agreement, { statement: count });
  hold(`the first request after it is refused (${suspended})`, suspended === "AgreementSuspended");
  const foreign = await refusedBy(() =>
    write(space, wallet("hospital"), "AgreementRegistry", "reinstate", [agreement]),
  );
  hold(`the hospital cannot lift the commission's stop (${foreign})`, foreign !== undefined);
  await write(space, wallet("commission"), "AgreementRegistry", "reinstate", [agreement]);
  hold(
    "once reinstated, it is permitted again",
    (await ask(founded, gateway, agreement, { statement: count })) === undefined,
  );
}

async function verifyAll({ space }: FoundedSpace): Promise<number> {
  chapter("Anchored, and verified against the chain alone");
  let verified = 0;
  for (const evidence of kept) {
    const broken = (await verifyEvidence(space, evidence, 30_000)).find(({ problem }) => problem !== undefined);
    if (broken === undefined) verified += 1;
    else console.log(`            entry ${evidence.receipt.index}: ${broken.problem}`);
  }
  hold(`${verified} of ${kept.length} receipts hold`, verified === kept.length);
  return verified;
}

/** Alters one character in each part of one receipt, in turn. */
const alterations: Readonly<Record<string, (evidence: Evidence) => Evidence>> = {
  result: (evidence) => alter(evidence, /"rows":\[\["./),
  entry: (evidence) => alter(evidence, /"entry":\{.*?"salt":"0x./s),
  "receipt's index": (evidence) => ({
    ...evidence,
    receipt: { ...evidence.receipt, index: evidence.receipt.index + 1 },
  }),
  "receipt's deadline": (evidence) => ({
    ...evidence,
    receipt: { ...evidence.receipt, deadline: evidence.receipt.deadline + 1 },
  }),
  "receipt's signature": (evidence) => alter(evidence, /"deadline":.*?"signature":"0x./s),
  statement: (evidence) => alter(evidence, /"statement":"./),
};

function alter(evidence: Evidence, upTo: RegExp): Evidence {
  const text = JSON.stringify(evidence);
  const found = upTo.exec(text);
  if (found === null) throw new Error(`nothing to alter at ${upTo}`);
  const at = found.index + found[0].length - 1;
  return JSON.parse(text.slice(0, at) + (text[at] === "1" ? "2" : "1") + text.slice(at + 1)) as Evidence;
}

async function detectAll({ space }: FoundedSpace): Promise<number> {
  chapter("One altered byte is detected");
  const evidence = kept.find(({ result }) => result !== undefined);
  let detected = 0;
  for (const [part, change] of Object.entries(alterations)) {
    const broken =
      evidence && (await verifyEvidence(space, change(evidence), 0)).find(({ problem }) => problem !== undefined);
    hold(`in the ${part}: ${broken?.problem ?? "not detected"}`, broken !== undefined);
    if (broken !== undefined) detected += 1;
  }
  return detected;
}

function summarize(receiptsVerified: number, alterationsDetected: number): Summary {
  const refused: Record<string, number> = {};
  for (const { entry } of kept) if (entry.reason !== null) refused[entry.reason] = (refused[entry.reason] ?? 0) + 1;
  return {
    ok: failed.length === 0,
    held,
    failed,
    permitted: kept.filter(({ entry }) => entry.outcome === "Permitted").length,
    refused,
    entries: kept.length,
    receiptsVerified,
    alterationsDetected,
    seconds: Math.round((performance.now() - started) / 100) / 10,
  };
}

const folder = mkdtempSync(join(tmpdir(), "datapact-demo-"));
chmodSync(folder, 0o711);
let engines: Engines | undefined;
let gateway: Gateway | undefined;
let summary: Summary | undefined;
try {
  const home = openHome(folder);
  const logger = pino({ level: "error" }, pino.destination(2));
  const say = (line: string): void => console.log(`          ${line}`);
  chapter("A new space: chain, databases, contracts, participants, dataset");
  engines = await startEngines(home, {}, (message) => logger.warn(message));
  const founded = await foundSpace(home, engines, founders, say);
  const dataset = await publishDataset(home, engines.hospitalAdminUrl, founded, say);
  hold("the hospital's dataset is registered on chain", dataset.status === "active");
  const environment = { DATAPACT_PORT: "0", DATAPACT_ANCHOR_INTERVAL_MS: "500" };
  gateway = await startGateway(gatewayConfig(home, engines, "gateway", environment), logger);
  await play(founded, gateway, dataset);
  summary = summarize(await verifyAll(founded), await detectAll(founded));
} catch (error) {
  console.error(error);
} finally {
  await gateway?.stop();
  await engines?.stop();
  rmSync(folder, { recursive: true, force: true });
}
if (summary !== undefined) console.log(`\n${JSON.stringify(summary)}`);
process.exit(summary?.ok === true ? 0 : 1);
