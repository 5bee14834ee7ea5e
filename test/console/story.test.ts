import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { languages } from "../../console/src/language/pair.ts";
import { type ConsoleSpace, type Reader, startConsole } from "./browser.ts";
import { browserPath } from "./browserPath.ts";

const consumer = "Demo Bilirubin Meter Maker";
const hospital = "Demo Women's and Children's Hospital";
const commission = "Demo Health Commission";

describe.skipIf(browserPath === undefined).each(languages)(
  "the story of the demo, played by clicks in %s",
  (language) => {
    let console: ConsoleSpace;
    let readers: Readonly<Record<"consumer" | "hospital" | "commission", Reader>>;
    let agreement = "";
    let evidence = "";

    beforeAll(async () => {
      console = await startConsole();
      const [one, two, three] = [
        await console.open({ language }),
        await console.open({ language }),
        await console.open({ language }),
      ];
      readers = { consumer: one, hospital: two, commission: three };
      await one.signIn(consumer);
      await two.signIn(hospital);
      await three.signIn(commission);
    });
    afterAll(() => console?.stop());

    it("a consumer finds the dataset and offers terms", async () => {
      const { page, press, tell } = readers.consumer;
      await page.getByRole("link", { name: tell("shell.datasets"), exact: true }).click();
      await page.getByRole("link", { name: /Neonatal jaundice/ }).click();
      await page
        .getByRole("main")
        .getByRole("link", { name: tell("request.title") })
        .click();
      await page.getByRole("group", { name: "newborns" }).getByRole("checkbox", { name: /^sex / }).check();
      const bilirubin = page.getByRole("group", { name: "bilirubin" });
      for (const field of ["patient_id", "device_model", "tsb_umol_l", "tcb_umol_l"])
        await bilirubin.getByRole("checkbox", { name: new RegExp(`^${field} `) }).check();
      expect(await page.getByRole("checkbox", { name: /^mother_name / }).isDisabled()).toBe(true);
      await page
        .getByRole("textbox", { name: tell("request.policy"), exact: true })
        .fill("The meter is compared with serum values.");
      await press("request.offer");
      await page.waitForURL(/\/agreements\/0x[0-9a-f]{64}$/);
      agreement = new URL(page.url()).pathname;
    });

    it("all three sign what they see, and it comes into force", async () => {
      await readers.consumer.press("acts.sign.Assignee");
      await readers.consumer.page.getByText(readers.consumer.tell("acts.done")).first().waitFor();

      const second = readers.hospital;
      await second.page.getByRole("link", { name: second.tell("mine.title"), exact: true }).click();
      await second.page.locator(`a[href="${agreement}"]`).first().click();
      await second.press("acts.sign.Assigner");
      await second.page.getByText(second.tell("acts.done")).first().waitFor();

      const third = readers.commission;
      await third.page.getByRole("link", { name: third.tell("queue.title"), exact: true }).click();
      await third.page.locator(`a[href="${agreement}"]`).first().click();
      await third.page.getByText(third.tell("integrity.chain")).waitFor();
      await third.press("acts.sign.Regulator");
      await third.page.getByText(third.tell("status.InForce"), { exact: true }).first().waitFor();
    });

    it("the consumer queries, gets figures, and verifies them in the browser", async () => {
      const { page, press, tell } = readers.consumer;
      await page.getByRole("link", { name: tell("acts.query") }).click();
      await page
        .getByRole("textbox", { name: tell("workbench.statement"), exact: true })
        .fill(
          "SELECT device_model, count(*) AS pairs, avg(tcb_umol_l - tsb_umol_l) AS bias FROM bilirubin GROUP BY 1 ORDER BY 1",
        );
      await press("workbench.run");
      await page.getByRole("columnheader", { name: "bias" }).waitFor();
      expect(await page.getByRole("table").first().getByRole("row").count()).toBeGreaterThan(2);
      await expect
        .poll(async () => {
          await press("verify.button");
          await page.getByText(tell("link.inclusion")).waitFor();
          return page.getByText(tell("verify.holds"), { exact: true }).isVisible();
        })
        .toBe(true);
      const saved = page.waitForEvent("download");
      await press("workbench.evidence");
      evidence = readFileSync(await (await saved).path(), "utf8");
    });

    it("a field outside the license is refused, and the refusal says what it was", async () => {
      const { page, press, tell } = readers.consumer;
      await page
        .getByRole("textbox", { name: tell("workbench.statement"), exact: true })
        .fill("SELECT district, count(*) FROM newborns GROUP BY 1");
      await press("workbench.run");
      await page.getByText(tell("workbench.refused", { reason: tell("reason.FieldOutsideLicense") })).waitFor();
    });

    it("the commission suspends, and the next query is refused", async () => {
      const { page, press, tell } = readers.commission;
      await press("acts.suspend");
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel(tell("acts.reason")).fill("under review");
      await press("acts.suspend", dialog);
      await page.getByRole("button", { name: tell("acts.reinstate"), exact: true }).waitFor();

      const other = readers.consumer;
      await other.page
        .getByRole("textbox", { name: other.tell("workbench.statement"), exact: true })
        .fill("SELECT count(*) FROM bilirubin");
      await other.press("workbench.run");
      await other.page
        .getByText(other.tell("workbench.refused", { reason: other.tell("reason.AgreementSuspended") }))
        .waitFor();
      await press("acts.reinstate");
      await page.getByRole("button", { name: tell("acts.suspend"), exact: true }).waitFor();
    });

    it("what was kept verifies, and one altered character shows as broken", async () => {
      const { page, press, tell } = readers.hospital;
      await page.getByRole("link", { name: tell("verify.title"), exact: true }).click();
      const field = page.getByLabel(tell("verify.paste"));
      await field.fill(evidence);
      await press("verify.button");
      await page.getByText(tell("verify.holds"), { exact: true }).waitFor();
      const parsed = JSON.parse(evidence) as { entry: { time: string } };
      parsed.entry.time = parsed.entry.time.replace(/\dZ$/, (end) => (end === "1Z" ? "2Z" : "1Z"));
      await field.fill(JSON.stringify(parsed));
      await press("verify.button");
      await page.getByText(tell("verify.broken", { link: tell("link.entry") })).waitFor();
      await press("verify.log");
      await page.getByText(new RegExp(tell("verify.log.holds").split(/[{：:]/)[0] ?? "")).waitFor();
    });

    it("the commission explores the trail, looks into the refusal, verifies it, and records a finding", async () => {
      const { page, press, tell } = readers.commission;
      await page.getByRole("link", { name: tell("trail.title"), exact: true }).click();
      await page.getByRole("table").waitFor();
      await page.getByLabel(tell("trail.reason")).click();
      await page.keyboard.type(tell("reason.FieldOutsideLicense"));
      await page.keyboard.press("Enter");
      const refused = page.getByRole("row").filter({ hasText: tell("reason.FieldOutsideLicense") });
      await expect.poll(() => page.getByRole("row").count()).toBe(2);
      const saved = page.waitForEvent("download");
      await page.getByRole("link", { name: tell("trail.export.csv") }).click();
      expect(readFileSync(await (await saved).path(), "utf8")).toContain("FieldOutsideLicense");
      await refused.getByRole("link").first().click();
      await page.getByText(consumer).first().waitFor();
      await press("verify.button");
      await page.getByText(tell("link.inclusion")).waitFor();
      expect(await page.getByText(tell("verdict.broken"), { exact: true }).count()).toBe(0);
      await page.getByLabel(tell("findings.text")).fill("A field outside the license was asked for.");
      await press("findings.sign");
      await page.getByText(tell("acts.done")).first().waitFor();
      await page.getByRole("link", { name: tell("findings.title"), exact: true }).click();
      await page.getByRole("link", { name: "A field outside the license was asked for." }).click();
      await page.getByRole("heading", { name: tell("findings.revision", { revision: "0" }) }).waitFor();
    });

    it("an entry that the gateway altered shows as broken", async () => {
      const { page, press, tell } = readers.commission;
      await page.route("**/v1/entries/0", async (route) => {
        const body = await (await route.fetch()).json();
        body.item.entry.purpose = "DUO:0000042";
        await route.fulfill({ json: body });
      });
      await page.goto("/trail/0");
      await press("verify.button");
      await page.getByText(tell("verify.broken", { link: tell("link.entry") })).waitFor();
    });

    it("the consumer finds its receipts, each with its state", async () => {
      const { page, tell } = readers.consumer;
      await page.getByRole("link", { name: tell("trail.receipts"), exact: true }).click();
      await expect.poll(() => page.getByRole("row").count()).toBe(4);
      await page.getByText(tell("trail.state.Anchored"), { exact: true }).first().waitFor();
    });

    it("the hospital permits a further purpose", async () => {
      const { page, press, tell } = readers.hospital;
      await page.getByRole("link", { name: tell("mine.title"), exact: true }).click();
      await page.getByRole("link", { name: /Neonatal jaundice/ }).click();
      await page.getByLabel(tell("datasets.purposes")).click();
      await page.getByTitle(/DUO:0000042/).click();
      await page.keyboard.press("Escape");
      await press("datasets.change.button");
      await page.getByText(tell("acts.done")).first().waitFor();
      await page.getByText(tell("event.DatasetUpdated")).waitFor();
    });

    it("no browser complained", () => {
      // a browser tells every answer that is a refusal or not there yet, and those are part of the story
      const unexpected = Object.values(readers).flatMap(({ complaints }) =>
        complaints.filter((complaint) => !/status of (403|404|409|422) /.test(complaint)),
      );
      expect(unexpected).toEqual([]);
    });
  },
);
