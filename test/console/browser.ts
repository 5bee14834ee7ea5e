import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { expect } from "vitest";
import { fill } from "../../console/src/language/fill.ts";
import type { Language } from "../../console/src/language/pair.ts";
import { type TextKey, texts } from "../../console/src/language/texts.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { startTestSpace, type TestSpace } from "../support/space.ts";
import { browserPath } from "./browserPath.ts";

export type Look = {
  readonly language: Language;
  readonly scheme?: "light" | "dark";
  readonly width?: number;
  /** Whether the page was not opened at the address that was printed. */
  readonly isStranger?: boolean;
};

/** A space whose gateway serves its console with the demo's identities, and a browser. */
export type ConsoleSpace = {
  readonly space: TestSpace;
  readonly gateway: Gateway;
  readonly open: (look: Look) => Promise<Reader>;
  readonly stop: () => Promise<void>;
};

/** A person before the console: a page, its words, and what the browser complained about. */
export type Reader = {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly tell: (key: TextKey, values?: Readonly<Record<string, string>>) => string;
  readonly complaints: string[];
  readonly go: (path: string) => Promise<void>;
  /** Waits until the page shows what it asked for. */
  readonly settled: () => Promise<void>;
  readonly press: (key: TextKey, within?: Page | Locator) => Promise<void>;
  readonly signIn: (name: string) => Promise<void>;
};

export async function startConsole(settings: Readonly<Record<string, string>> = {}): Promise<ConsoleSpace> {
  const space = await startTestSpace();
  const gateway = await space.startGateway(settings, {}, true);
  const browser = await chromium.launch({
    executablePath: browserPath ?? "",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
  });
  return {
    space,
    gateway,
    open: (look) => openReader(browser, gateway.url, look, space.demo.secret),
    stop: async () => {
      await browser.close();
      await space.stop();
    },
  };
}

async function openReader(browser: Browser, url: string, look: Look, secret: string): Promise<Reader> {
  const { language, scheme = "light", width = 1_440, isStranger = false } = look;
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height: width > 500 ? 900 : 844 },
    colorScheme: scheme,
    reducedMotion: "reduce",
    ...(!isStranger && {
      storageState: {
        cookies: [],
        origins: [{ origin: url, localStorage: [{ name: "datapact.demo", value: secret }] }],
      },
    }),
    locale: language === "zh" ? "zh-CN" : "en-GB",
  });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  const tell: Reader["tell"] = (key, values) => fill(texts[key][language === "zh" ? 1 : 0], values);
  const press: Reader["press"] = (key, within = page) =>
    within
      .getByRole("button", { name: tell(key), exact: true })
      .first()
      .click();
  return {
    page,
    context,
    tell,
    complaints,
    press,
    go: async (path) => void (await page.goto(path)),
    settled: async () => {
      await page.waitForLoadState("networkidle");
      await page.getByRole("heading", { level: 1 }).or(page.locator(".ant-result-title")).first().waitFor();
      await expect.poll(() => page.locator("#content output").count()).toBe(0);
    },
    signIn: async (name) => {
      await page.goto("/");
      await press("session.signIn");
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name }).click();
      await press("session.sign", dialog);
      await page.getByRole("button", { name: tell("session.signOut") }).waitFor();
    },
  };
}
