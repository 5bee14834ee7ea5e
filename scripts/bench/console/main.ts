import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { chromium } from "playwright-core";
import { startGateway } from "../../../server/gateway/startGateway.ts";
import { openHome } from "../../../server/home.ts";
import { writePlace } from "../../../server/trail/cursor.ts";
import { buildConsole } from "../../console/build.ts";
import { concludeAgreement, demoTerms, founders, publishDataset } from "../../demo/story.ts";
import { createDemoWallets } from "../../space/demoWallets.ts";
import { startEngines } from "../../space/engines.ts";
import { foundSpace, gatewayConfig } from "../../space/foundSpace.ts";
import { figure, quantile } from "../gateway/measure.ts";
import { fillLog } from "./fillLog.ts";

/** Measures the trail explorer in a browser over a long log: a table, and in the last line one JSON object. */

const entries = Number(process.env.DATAPACT_BENCH_LOG ?? 100_000);
const browserPath = process.env.DATAPACT_TEST_BROWSER ?? "/usr/bin/chromium";
const turns = 60;

const quiet = (): void => undefined;
const folder = mkdtempSync(join(tmpdir(), "datapact-bench-"));
chmodSync(folder, 0o711);
const home = openHome(folder);
await buildConsole(console.log);
const engines = await startEngines(home, {}, quiet);
const founded = await foundSpace(home, engines, founders, quiet);
const dataset = await publishDataset(home, engines.hospitalAdminUrl, founded, quiet, 400);
const agreements = [];
for (let i = 0; i < 3; i += 1)
  agreements.push(await concludeAgreement(founded, demoTerms(founded, dataset, { maxUses: 10_000_000n })));
await fillLog(founded, engines.storeUrl, agreements, entries);
console.log(`${entries} entries appended`);
const config = gatewayConfig(home, engines, "gateway", {
  DATAPACT_PORT: "0",
  DATAPACT_PEER_REQUESTS_PER_MINUTE: "1000000",
});
const demo = createDemoWallets(founded, founders);
const gateway = await startGateway(config, pino({ level: "warn" }), demo);
for (;;) {
  const log = (await (await fetch(`${gateway.url}/v1/log`)).json()) as { anchored: { size: number } | null };
  if ((log.anchored?.size ?? 0) >= entries) break;
  await sleep(500);
}
console.log("all anchored");

const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu"] });
const figures: Record<string, number> = {};
const tell = (name: string, value: number): void => {
  figures[name] = figure(value);
  console.log(`${name.padEnd(52)} ${figures[name]}`);
};
try {
  const context = await browser.newContext({
    baseURL: gateway.url,
    locale: "en-GB",
    viewport: { width: 1_440, height: 900 },
  });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(window, { longTasks: tasks });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: "longtask",
      buffered: true,
    });
  });
  /** Longest and summed long tasks (over 50 ms) of what was done since it was last asked. */
  const longTasks = async (name: string): Promise<void> => {
    await page.waitForTimeout(200);
    const found = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks.splice(0));
    tell(`${name}: long tasks`, found.length);
    tell(`${name}: longest task, ms`, Math.max(0, ...found));
  };
  const protocol = await context.newCDPSession(page);
  const heap = async (name: string): Promise<void> => {
    await protocol.send("HeapProfiler.collectGarbage");
    const { usedSize } = await protocol.send("Runtime.getHeapUsage");
    const { nodes } = (await protocol.send("Memory.getDOMCounters")) as { nodes: number };
    tell(`${name}: heap, MB`, usedSize / 1_048_576);
    tell(`${name}: DOM nodes`, nodes);
  };
  const firstRow = page.locator("main table tbody tr").first();
  const indexShown = async (): Promise<string> => (await firstRow.locator("td").first().textContent()) ?? "";
  /** Milliseconds until the rows are others. */
  const untilOthers = async (act: () => Promise<unknown>): Promise<number> => {
    const before = (await firstRow.count()) === 0 ? "" : await indexShown();
    const startedAt = performance.now();
    await act();
    await page.waitForFunction(
      (old) => {
        const shown = document.querySelector("main table tbody tr td")?.textContent ?? "";
        return shown !== "" && shown !== old;
      },
      before,
      { polling: "raf" },
    );
    return performance.now() - startedAt;
  };

  await page.goto(`/#demo=${demo.secret}`);
  await page.getByRole("button", { name: "Sign in" }).first().click();
  await page.getByRole("button", { name: "Demo Health Commission" }).click();
  await page.getByRole("button", { name: "Sign and sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await longTasks("overview and sign-in");

  tell("first page, by its link, ms", await untilOthers(() => page.getByRole("link", { name: "Audit trail" }).click()));
  await longTasks("first page");
  await heap("first page");

  const more: number[] = [];
  for (let turn = 0; turn < turns; turn += 1)
    more.push(await untilOthers(() => page.getByRole("button", { name: "More", exact: true }).click()));
  tell("next page, median ms", quantile(more, 0.5));
  tell("next page, slowest ms", Math.max(...more));
  await longTasks(`${turns} pages`);
  await heap(`after ${turns} pages`);

  const middle = (await (await page.request.get("/v1/entries?kind=Usage&limit=1")).json()) as {
    items: { index: number; entry: { time: string } }[];
  };
  const newest = Date.parse(middle.items[0]?.entry.time ?? "");
  const cursor = writePlace({ at: new Date(newest - 45 * 86_400_000).toISOString(), index: 0 });
  tell("a page deep inside, opened by its address, ms", await untilOthers(() => page.goto(`/trail?cursor=${cursor}`)));
  await longTasks("deep page");
  const deep: number[] = [];
  for (let turn = 0; turn < 20; turn += 1)
    deep.push(await untilOthers(() => page.getByRole("button", { name: "More", exact: true }).click()));
  tell("next page deep inside, median ms", quantile(deep, 0.5));
  tell("next page deep inside, slowest ms", Math.max(...deep));
  tell("back to the page before, ms", await untilOthers(() => page.goBack()));
  await longTasks("deep paging");

  const choose = async (label: string, option: string): Promise<void> => {
    await page.getByLabel(label, { exact: true }).click();
    await page.keyboard.type(option, { delay: 30 });
    await page.keyboard.press("Enter");
  };
  await page.goto("/trail");
  await firstRow.waitFor();
  await longTasks("opened anew");
  tell("filter by reason, typed, ms", await untilOthers(() => choose("Reason", "Too few patients")));
  await longTasks("typing in a filter");
  tell(
    "filter by day, ms",
    await untilOthers(() =>
      page.getByLabel("Until before").fill(new Date(newest - 30 * 86_400_000).toISOString().slice(0, 10)),
    ),
  );
  await longTasks("choosing a day");

  await page.goto("/trail");
  await firstRow.waitFor();
  await longTasks("opened anew");
  const frames = await page.evaluate(async () => {
    const gaps: number[] = [];
    let last = performance.now();
    for (let step = 0; step < 120; step += 1) {
      scrollBy(0, step < 60 ? 40 : -40);
      await new Promise(requestAnimationFrame);
      gaps.push(performance.now() - last);
      last = performance.now();
    }
    return gaps;
  });
  tell("scrolling: median frame, ms", quantile(frames, 0.5));
  tell("scrolling: slowest frame, ms", Math.max(...frames));
  await longTasks("scrolling");
  await heap("at the end");
} finally {
  await browser.close();
  await gateway.stop();
  founded.space.close();
  await engines.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(JSON.stringify(figures));
