import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Pair } from "../../console/src/language/pair.ts";
import { texts } from "../../console/src/language/texts.ts";
import { demoTerms, policy } from "../../scripts/demo/story.ts";
import { offer } from "../../server/client/agreements.ts";
import { signFinding } from "../../server/client/findings.ts";
import { signIn } from "../../server/client/signIn.ts";
import { followed } from "../support/readModel.ts";
import { ask } from "../support/space.ts";
import { type ConsoleSpace, type Look, type Reader, startConsole } from "./browser.ts";
import { browserPath } from "./browserPath.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = process.env.DATAPACT_TEST_SHOTS ?? mkdtempSync(join(tmpdir(), "datapact-shots-"));

const allLooks: readonly Required<Omit<Look, "isStranger">>[] = [
  { language: "en", scheme: "dark", width: 390 },
  { language: "zh", scheme: "light", width: 1_440 },
  { language: "en", scheme: "light", width: 1_440 },
  { language: "zh", scheme: "dark", width: 390 },
  { language: "zh", scheme: "light", width: 390 },
  { language: "en", scheme: "dark", width: 1_440 },
  { language: "en", scheme: "light", width: 390 },
  { language: "zh", scheme: "dark", width: 1_440 },
];
/** Two looks show both of everything, and English, whose words are longer, where there is less room; all are tried where their pictures are wanted. */
const looks = allLooks.slice(0, process.env.DATAPACT_TEST_SHOTS === undefined ? 2 : undefined);

const people = {
  nobody: undefined,
  regulator: "Demo Health Commission",
  hospital: "Demo Women's and Children's Hospital",
  consumer: "Demo Bilirubin Meter Maker",
} as const;

const visits = {
  name: "visits.csv",
  mimeType: "text/csv",
  buffer: Buffer.from(
    `patient_id,patient_name,birth_date,icd10,weight_kg\n${Array.from({ length: 30 }, (_, i) => `P${i},Name ${i},2020-01-${10 + (i % 20)},P59.${i % 9},${3 + i / 10}`).join("\n")}`,
  ),
};

/** Every page with its states, by who reads it; `agreement`, `dataset` … stand for ids. */
const pages: readonly (readonly [keyof typeof people, string])[] = [
  ["nobody", "/"],
  ["nobody", "/agreements"],
  ["nobody", "/agreements/agreement"],
  ["nobody", "/agreements/0x00"],
  ["nobody", "/datasets"],
  ["nobody", "/datasets/dataset"],
  ["nobody", "/participants"],
  ["nobody", "/participants/gateway"],
  ["nobody", "/hospitals"],
  ["nobody", "/log"],
  ["nobody", "/verify"],
  ["nobody", "/search?q=demo"],
  ["nobody", "/search?q=nothing-of-this-name"],
  ["nobody", "/queue"],
  ["nobody", "/nowhere"],
  ["regulator", "/queue"],
  ["regulator", "/agreements/replacing"],
  ["regulator", "/trail"],
  ["regulator", "/trail/0"],
  ["regulator", "/findings"],
  ["regulator", "/participants/insurer"],
  ["regulator", "/search?q=%230"],
  ["consumer", "/search?q=%231"],
  ["nobody", "/search?q=%230"],
  ["regulator", "/findings/finding"],
  ["regulator", "/request"],
  ["hospital", "/mine"],
  ["hospital", "/import"],
  ["hospital", "/datasets/dataset"],
  ["hospital", "/agreements/agreement"],
  ["consumer", "/request?dataset=dataset"],
  ["consumer", "/agreements/agreement/query"],
  ["consumer", "/receipts"],
];

describe.skipIf(browserPath === undefined)("every page", () => {
  let console: ConsoleSpace;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    console = await startConsole();
    const { space, gateway } = console;
    const { founded, dataset, conclude } = space;
    const agreement = await conclude();
    await ask(space, gateway, agreement);
    await ask(space, gateway, agreement, { statement: "SELECT mother_name FROM newborns" });
    const replacing = await offerReplacing(console, agreement);
    const log = founded.space.domainOf("AccessLog");
    const regulator = await signIn(gateway.url, founded.wallet("commission"), log.chainId);
    const { id } = await regulator.recordFinding(
      signFinding(founded.wallet("commission"), log, {
        gateway: gateway.id,
        entries: [1],
        severity: "Minor",
        state: "Open",
        text: "A direct identifier was asked for.",
      }),
    );
    Object.assign(ids, {
      agreement,
      replacing,
      dataset: dataset.id,
      gateway: gateway.id,
      finding: id,
      insurer: founded.id("insurer"),
    });
    await followed(space, gateway);
    mkdirSync(shots, { recursive: true });
  });
  afterAll(() => console?.stop());

  describe.each(looks)("in $language, $scheme, $width wide", (look) => {
    const readers: Partial<Record<keyof typeof people, Reader>> = {};

    beforeAll(async () => {
      for (const [who, name] of Object.entries(people) as [keyof typeof people, string | undefined][]) {
        const reader = await console.open(look);
        if (name !== undefined) await reader.signIn(name);
        readers[who] = reader;
      }
    });
    afterAll(() => Promise.all(Object.values(readers).map(({ context }) => context.close())));

    it.each(pages)("%s reads %s", async (who, path) => {
      const reader = readers[who];
      if (reader === undefined) throw new Error("nobody reads");
      const { page } = reader;
      await page.goto(path.replace(/[a-z]+(?=$|\/query)/, (word) => ids[word] ?? word));
      await reader.settled();
      if (path === "/import") {
        await page.locator("input[type=file]").setInputFiles(visits);
        await page.locator("pre").last().waitFor();
        await reader.settled();
      }
      const name = `${who}${path.replace(/\W+/g, "-")}`.replace(/-$/, "");
      await page.screenshot({
        path: join(shots, `${name}.${look.scheme}.${look.width}.${look.language}.png`),
        fullPage: true,
      });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide, "wider than the screen").toBeLessThanOrEqual(0);
      expect(await protruding(reader), "beyond its place").toEqual([]);
      expect(await strayTexts(reader, look.language)).toEqual([]);
      expect(await accessibilityProblems(reader)).toEqual([]);
    });

    it("no browser complained", () => {
      const found = Object.values(readers).flatMap(({ complaints }) => complaints);
      expect(found.filter((complaint) => !/status of (400|404) /.test(complaint))).toEqual([]);
    });
  });
});

/** What sticks out of its cell or card, or lies under the number beside it. */
async function protruding({ page }: Reader): Promise<string[]> {
  return page.evaluate(() => {
    const isBeyond = (inner: DOMRect, outer: DOMRect): boolean =>
      inner.width > 1 && (inner.right > outer.right + 1 || inner.left < outer.left - 1);
    const cells = [...document.querySelectorAll(".rows td, .rows td > *, .facts dd, nav li")].flatMap((place) =>
      [...place.querySelectorAll("*")].filter((one) =>
        isBeyond(one.getBoundingClientRect(), place.getBoundingClientRect()),
      ),
    );
    const cards = [...document.querySelectorAll(".ant-card-body")].flatMap((card) => {
      const { left, top, width, height } = card.getBoundingClientRect();
      const room = Number.parseFloat(getComputedStyle(card).paddingLeft);
      const inside = new DOMRect(left + room, top, width - 2 * room, height);
      return [...card.querySelectorAll("button, .badge")].filter((one) =>
        isBeyond(one.getBoundingClientRect(), inside),
      );
    });
    const covered = [...document.querySelectorAll("nav .count")].filter((count) => {
      const name = document.createRange();
      name.selectNodeContents(count.previousElementSibling ?? count);
      return name.getBoundingClientRect().right > count.getBoundingClientRect().left;
    });
    return [...cells, ...cards, ...covered].map((one) => one.outerHTML.slice(0, 120));
  });
}

/** Texts that are a key, of the other language, or a whole hash. */
async function strayTexts({ page }: Reader, language: Look["language"]): Promise<string[]> {
  const shown = await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found: string[] = [];
    while (walker.nextNode()) {
      const place = walker.currentNode.parentElement;
      const isSeen =
        place !== null && place.closest("pre, code, script, style, noscript, textarea, [lang]:not(html)") === null;
      const text = walker.currentNode.textContent?.trim() ?? "";
      if (isSeen && text !== "") found.push(text);
    }
    const named = [...document.querySelectorAll("[aria-label], [placeholder], [title]")].flatMap((element) => [
      element.getAttribute("aria-label") ?? "",
      element.getAttribute("placeholder") ?? "",
    ]);
    return [...found, ...named.filter((text) => text !== "")];
  });
  const own = language === "en" ? 0 : 1;
  const other = new Set<string>(
    Object.values<Pair>(texts)
      .filter((pair) => pair[0] !== pair[1])
      .map((pair) => (own === 0 ? pair[1] : pair[0])),
  );
  const mine = new Set<string>(Object.values<Pair>(texts).map((pair) => pair[own]));
  return shown.filter(
    (text) =>
      text in texts || (other.has(text) && !mine.has(text)) || /0x[0-9a-f]{40,}|\{\w+\}|undefined|NaN/.test(text),
  );
}

async function accessibilityProblems({ page }: Reader): Promise<string[]> {
  await page.evaluate(`window.axe === undefined && (() => { ${axeSource} })()`).catch(() => undefined);
  return page.evaluate(async () => {
    type Found = { id: string; nodes: { target: unknown; failureSummary: string; html: string }[] };
    const { axe } = globalThis as unknown as { axe: { run: (options: unknown) => Promise<{ violations: Found[] }> } };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await axe.run({ runOnly: { type: "tag", values: tags } });
    return violations.flatMap(({ id, nodes }) =>
      nodes
        .slice(0, 3)
        .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 220)}`),
    );
  });
}

/** Offers terms that would replace an agreement, with a wider scope. */
async function offerReplacing({ space }: ConsoleSpace, agreement: string): Promise<string> {
  const { founded, dataset } = space;
  const terms = demoTerms(founded, dataset, { replaces: agreement as never, minCohort: 20, rows: "" });
  return offer(founded.space, founded.wallet("device-maker"), terms, policy);
}
