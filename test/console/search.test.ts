import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoTerms, policy, signAs } from "../../scripts/demo/story.ts";
import type { UsageAnswer } from "../../server/api/usage.ts";
import { offer } from "../../server/client/agreements.ts";
import { followed } from "../support/readModel.ts";
import { ask } from "../support/space.ts";
import { type ConsoleSpace, type Reader, startConsole } from "./browser.ts";
import { browserPath } from "./browserPath.ts";

const regulator = "Demo Health Commission";
const consumer = "Demo Bilirubin Meter Maker";
const insurer = "Demo Health Insurer";

describe.skipIf(browserPath === undefined)("the search box", () => {
  let console: ConsoleSpace;
  let answer: UsageAnswer;

  beforeAll(async () => {
    console = await startConsole();
    const { space, gateway } = console;
    answer = await ask(space, gateway, await space.conclude());
  });
  afterAll(() => console?.stop());

  /** What a person types, and how it is found. */
  const questions: readonly (readonly [string, () => string])[] = [
    ["its number", () => `#${answer.receipt.index}`],
    ["its bare number", () => `${answer.receipt.index}`],
    ["its gateway's name and its number", () => `gateway 1 #${answer.receipt.index}`],
    ["its gateway's id and its number", () => `${console.gateway.id} #${answer.receipt.index}`],
    ["its digest", () => answer.receipt.entry],
    ["its request's digest", () => answer.entry.request],
    ["its whole receipt", () => JSON.stringify(answer.receipt, null, 2)],
    ["its whole evidence", () => JSON.stringify({ entry: answer.entry, receipt: answer.receipt })],
  ];

  async function search({ page, tell }: Reader, text: string): Promise<void> {
    await page.goto("/");
    const box = page.getByLabel(tell("search.label"));
    await box.fill(text);
    await box.press("Enter");
    await page.waitForURL(/\/search\?q=/);
  }

  it.each(questions)("finds an entry by %s, and opens it for whom it concerns", async (_by, text) => {
    const reader = await console.open({ language: "en" });
    await reader.signIn(consumer);
    await search(reader, text());
    await reader.page
      .getByRole("main")
      .getByRole("link", { name: reader.tell("entry.title", { index: "0" }) })
      .click();
    await reader.page.getByText(reader.tell("entry.facts")).waitFor();
    await reader.context.close();
  });

  it("tells strangers that it is there, and to sign in", async () => {
    const reader = await console.open({ language: "en" });
    await search(reader, answer.entry.request);
    await reader.page.getByText(reader.tell("search.signIn")).waitFor();
    await reader.context.close();
  });

  it("tells whom it does not concern that it is not theirs to see, here and on its page", async () => {
    const reader = await console.open({ language: "en" });
    const { page, tell } = reader;
    await reader.signIn(insurer);
    await search(reader, "#0");
    await page.getByText(tell("search.notYours")).waitFor();
    expect(await page.getByRole("main").getByRole("link").count()).toBe(0);
    await page.goto("/trail/0");
    await page.getByText(tell("search.notYours")).waitFor();
    await page.goto("/trail/999999");
    await page.getByText(/There is no entry 999,999 yet/).waitFor();
    await reader.context.close();
  });

  it("tells of a number beyond the log, of another gateway, and of nothing", async () => {
    const reader = await console.open({ language: "en" });
    const { page, tell } = reader;
    await search(reader, "#999999");
    await page.getByText(/There is no entry 999,999 yet/).waitFor();
    await search(reader, `0x${"12".repeat(32)}`);
    await page.getByText(tell("search.nothing")).waitFor();
    await reader.context.close();
  });

  it("offers that wait are counted beside the pages of those whose signature they lack, and of nobody else", async () => {
    const { founded, dataset } = console.space;
    const terms = demoTerms(founded, dataset);
    const id = await offer(founded.space, founded.wallet("device-maker"), terms, policy);
    await signAs(founded, "device-maker", "Assignee", id, terms);
    await followed(console.space, console.gateway);
    for (const [name, count] of [
      [regulator, 1],
      [consumer, 0],
    ] as const) {
      const reader = await console.open({ language: "en" });
      const { page, tell } = reader;
      await reader.signIn(name);
      await page.goto("/agreements");
      await reader.settled();
      await page.getByLabel(tell("agreements.status")).focus();
      for (const key of ["Enter", "ArrowDown", "Enter"]) await page.keyboard.press(key);
      await page.getByTitle(tell("agreements.waitsForMe")).first().waitFor();
      const found = page.locator(`main a[href="/agreements/${id}"]`);
      if (count === 0) await page.getByText(tell("parts.empty")).waitFor();
      else await page.getByText(tell("search.waiting", { count: "1" })).waitFor({ state: "attached" });
      await expect.poll(() => found.count()).toBe(count);
      expect(await page.locator("nav .count").count()).toBe(count);
      await reader.context.close();
    }
  });
});
