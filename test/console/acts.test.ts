import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { concludeAgreement, demoTerms } from "../../scripts/demo/story.ts";
import { createClient } from "../../server/api/client.ts";
import { write } from "../../server/chain/write.ts";
import { offer } from "../../server/client/agreements.ts";
import { listDatasets, registerDataset } from "../../server/client/datasets.ts";
import { signFinding } from "../../server/client/findings.ts";
import { admit } from "../../server/client/participants.ts";
import { signIn } from "../../server/client/signIn.ts";
import { numberFields } from "../../server/domain/dataset.ts";
import type { Address, AgreementId } from "../../server/domain/ids.ts";
import { policyHash } from "../../server/domain/typedData.ts";
import { followed } from "../support/readModel.ts";
import { ask } from "../support/space.ts";
import { type ConsoleSpace, type Reader, startConsole } from "./browser.ts";
import { browserPath } from "./browserPath.ts";

const commission = "Demo Health Commission";
const hospital = "Demo Women's and Children's Hospital";
const consumer = "Demo Bilirubin Meter Maker";

describe.skipIf(browserPath === undefined)("further acts in the console", () => {
  let console: ConsoleSpace;
  let agreement: AgreementId;

  beforeAll(async () => {
    console = await startConsole();
    agreement = await console.space.conclude();
    await ask(console.space, console.gateway, agreement);
  });
  afterAll(() => console?.stop());

  const enter = async (name: string): Promise<Reader> => {
    const reader = await console.open({ language: "en" });
    await reader.signIn(name);
    return reader;
  };

  it("a regulator suspends a participant with a reason, and reinstates it; nobody else may", async () => {
    const id = console.space.founded.id("insurer");
    const other = await enter(consumer);
    await other.page.goto(`/participants/${id}`);
    await other.page.getByRole("heading", { level: 1 }).waitFor();
    expect(await other.page.getByRole("button", { name: other.tell("acts.suspend") }).count()).toBe(0);
    await other.context.close();

    const { page, context, tell, press } = await enter(commission);
    await page.goto(`/participants/${id}`);
    await press("acts.suspend");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(tell("acts.reason")).fill("license withdrawn");
    await press("acts.suspend", dialog);
    await page.getByRole("button", { name: tell("acts.reinstate"), exact: true }).waitFor();
    await page.getByText("license withdrawn").first().waitFor();
    await press("acts.reinstate");
    await page.getByRole("button", { name: tell("acts.suspend"), exact: true }).waitFor();
    await page.goto(`/participants/${console.space.founded.id("commission")}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(await page.getByRole("button", { name: tell("acts.suspend") }).count()).toBe(0);
    await context.close();
  });

  it("forgedFinding: a finding that is shown otherwise than it was signed, or under another's name, is told to be so", async () => {
    const { founded } = console.space;
    const log = founded.space.domainOf("AccessLog");
    const regulator = await signIn(console.gateway.url, founded.wallet("commission"), log.chainId);
    const signed = signFinding(founded.wallet("commission"), log, {
      gateway: console.gateway.id,
      entries: [0],
      severity: "Minor",
      state: "Open",
      text: "Something was asked for.",
    });
    const { id } = await regulator.recordFinding(signed);
    const { page, context, tell } = await enter(commission);
    await page.goto(`/findings/${id}`);
    await page.getByText(tell("findings.proven")).waitFor();
    const changes: readonly ((item: Record<string, unknown>) => void)[] = [
      (item) => Object.assign(item, { text: "Nothing was asked for." }),
      (item) => Object.assign(item, { severity: "Note" }),
      (item) => Object.assign(item, { entries: [1] }),
      (item) => Object.assign(item, { author: { id: founded.id("insurer"), name: "Demo Health Insurer" } }),
      (item) => Object.assign(item, { author: { id: founded.id("commission"), name: "Another Commission" } }),
    ];
    for (const change of changes) {
      await page.route(`**/v1/findings/${id}`, async (route) => {
        const body = await (await route.fetch()).json();
        change(body.items[0]);
        await route.fulfill({ json: body });
      });
      await page.reload();
      await page.getByText(tell("findings.forged")).waitFor();
      await page.unroute(`**/v1/findings/${id}`);
    }
    await context.close();
  });

  it("pinnedDeployment: every verdict tells whether it is over the deployment that was pinned", async () => {
    const { page, context, tell, press } = await enter(commission);
    await page.goto("/verify");
    const field = page.getByLabel(tell("pin.digest"));
    await field.fill("nothing of the kind");
    await press("pin.button");
    await page.getByText(tell("pin.refused")).waitFor();
    await field.fill(JSON.stringify(console.space.founded.space.manifest));
    await press("pin.button");
    await page.getByText(tell("pin.same")).waitFor();
    await page.goto("/trail/0");
    await press("verify.button");
    await page.getByText(tell("pin.same")).waitFor();
    await page.goto("/verify");
    await field.fill(`0x${"12".repeat(32)}`);
    await press("pin.button");
    await page.getByText(tell("pin.other")).waitFor();
    await page.goto("/trail/0");
    await press("verify.button");
    await page.getByText(tell("pin.other")).waitFor();
    await context.close();
  });

  it("a hospital prepares the import of CSV files, of which nothing leaves the browser", async () => {
    const { page, context, tell } = await enter(hospital);
    const sent: string[] = [];
    page.on("request", (request) => sent.push(request.postData() ?? ""));
    await page.goto("/import");
    const rows = Array.from({ length: 30 }, (_, i) => `P${i},Zoë Needle ${i},${i % 2 ? "f" : "m"},${50 + i}`);
    const csv = ["patient_id,patient_name,sex,weight_kg", ...rows].join("\n");
    const file = { name: "it's visits.csv", mimeType: "text/csv", buffer: Buffer.from(csv) };
    await page.getByLabel(tell("import.choose")).setInputFiles(file);
    await page
      .getByText(tell("import.fields", { table: "it_s_visits" }), { exact: true })
      .first()
      .waitFor();
    const command = await page.locator("pre").last().textContent();
    // what a shell makes of it
    const words = execFileSync("sh", ["-c", `npx() { printf '%s\\n' "$@"; }; ${command}`])
      .toString()
      .split("\n");
    expect(words.slice(0, 4)).toEqual(["datapact", "dataset", "import", "it's visits.csv"]);
    expect(words).toContain("it_s_visits.patient_name=Direct");
    expect(words).toContain("it_s_visits.patient_id=Linking");
    expect(words[words.indexOf("--patient-key") + 1]).toBe("it_s_visits.patient_id");
    expect(sent.join("")).not.toContain("Needle");
    await context.close();
  });

  it("hiddenCharacters: what turns or hides text never reaches a page", async () => {
    const { founded, dataset } = console.space;
    const { space, wallet, id } = founded;
    const hidden = "\u202e\u2066\u200b";
    const name = `Quiet${hidden}txt.exe`;
    const key = `0x${"cd".repeat(20)}` as Address;
    const admission = { registrationNumber: "HIDDEN-1", name, roles: ["Consumer"] as const };
    await admit(space, wallet("commission"), { ...admission, key, hospital: undefined });
    const description = {
      ...dataset.description,
      title: name,
      tables: dataset.description.tables.map((table) => ({
        ...table,
        fields: table.fields.map((field, at) =>
          at === table.fields.length - 1 ? { ...field, name: `${field.name}${hidden}x` } : field,
        ),
      })),
    };
    const registered = await registerDataset(
      space,
      wallet("hospital"),
      id("hospital"),
      "hidden",
      description,
      dataset.rules,
    );
    const published = (await listDatasets(space)).find((one) => one.id === registered) ?? dataset;
    const allFields = numberFields(published.description)
      .filter(({ level }) => level !== "Direct")
      .reduce((bitmap, { number }) => bitmap | (1n << BigInt(number)), 0n);
    const text = `Harmless${hidden}not`;
    const terms = demoTerms(founded, dataset, { policy: policyHash(text) });
    const offered = await offer(space, wallet("device-maker"), terms, text);
    await write(space, wallet("hospital"), "AgreementRegistry", "terminate", [offered, text]);
    const concluded = await concludeAgreement(founded, demoTerms(founded, published, { fields: allFields }));
    await followed(console.space, console.gateway);
    const { items } = await createClient(console.gateway.url).participants({ text: "Quiet" });
    const pages: readonly (readonly [string, readonly string[]])[] = [
      [commission, ["/", "/participants", `/participants/${items[0]?.id}`, "/hospitals", "/trail", "/queue", "/log"]],
      [hospital, ["/mine", "/datasets", `/datasets/${published.id}`, `/agreements/${offered}`, "/search?q=Quiet"]],
      [consumer, [`/request?dataset=${published.id}`, `/agreements/${concluded}/query`, `/agreements/${concluded}`]],
    ];
    let shown = "";
    for (const [who, paths] of pages) {
      const { page, context, settled } = await enter(who);
      for (const path of paths) {
        await page.goto(path);
        await settled();
        const html = await page.evaluate(() => document.documentElement.outerHTML + document.title);
        expect(html.match(/[\u202a-\u202e\u2066-\u2069\u200b]/u), path).toBeNull();
        shown += html;
      }
      await context.close();
    }
    expect(shown).toMatch(/Quiet.{0,20}txt\.exe/);
    expect(shown).toMatch(/Harmless.{0,20}not/);
  });
});
