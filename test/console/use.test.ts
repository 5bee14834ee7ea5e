import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { followed } from "../support/readModel.ts";
import { type ConsoleSpace, type Reader, startConsole } from "./browser.ts";
import { browserPath } from "./browserPath.ts";

describe.skipIf(browserPath === undefined)("the console in use", () => {
  let console: ConsoleSpace;
  let agreement = "";

  beforeAll(async () => {
    console = await startConsole();
    agreement = await console.space.conclude();
    await followed(console.space, console.gateway);
  });
  afterAll(() => console?.stop());

  it("its first load is under 400 kB, packed", async () => {
    const { page, context, settled } = await console.open({ language: "zh" });
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    let bytes = 0;
    session.on("Network.loadingFinished", ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto("/");
    await settled();
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(400_000);
    await context.close();
  });

  it("keyboardOnly: sign in, find an agreement, suspend it and reinstate it", async () => {
    const reader = await console.open({ language: "en" });
    const { page, tell, context, complaints } = reader;
    await page.goto("/");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await tabTo(reader, tell("session.signIn"));
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await tabTo(reader, "Demo Health Commission");
    await page.keyboard.press("Enter");
    await page.getByText(tell("session.message")).waitFor();
    await tabTo(reader, tell("session.sign"));
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: tell("session.signOut") }).waitFor();
    await tabTo(reader, tell("shell.agreements"));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/agreements$/);
    await page.locator(`a[href="/agreements/${agreement}"]`).waitFor();
    await tabTo(reader, "Disease-specific research");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: tell("acts.suspend") }).waitFor();
    await tabTo(reader, tell("acts.suspend"));
    await page.keyboard.press("Enter");
    const reason = page.getByRole("dialog").getByLabel(tell("acts.reason"));
    await reason.waitFor();
    await expect.poll(() => reason.evaluate((field) => field === document.activeElement)).toBe(true);
    await page.keyboard.type("by keyboard");
    await tabTo(reader, tell("acts.suspend"));
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: tell("acts.reinstate") }).waitFor();
    await tabTo(reader, tell("acts.reinstate"));
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: tell("acts.suspend") }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("deadSession: signing out ends it in every window, and nothing private is left", async () => {
    const { page, context, tell, signIn } = await console.open({ language: "en" });
    await signIn("Demo Health Commission");
    const cookies = await context.cookies();
    expect(cookies.map(({ name, httpOnly, secure, sameSite }) => ({ name, httpOnly, secure, sameSite }))).toEqual([
      { name: "__Host-datapact", httpOnly: true, secure: true, sameSite: "Strict" },
    ]);
    const other = await context.newPage();
    await other.goto("/trail");
    await other.getByText(tell("trail.none")).or(other.getByRole("table").first()).first().waitFor();
    await page.getByRole("button", { name: tell("session.signOut") }).click();
    await page
      .getByRole("button", { name: tell("session.signIn") })
      .first()
      .waitFor();
    await other.reload();
    await other.getByText(tell("session.needed")).waitFor();
    const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(JSON.parse(stored)).toEqual([
      { "datapact.demo": console.space.demo.secret, "datapact.session": "none" },
      {},
    ]);
    await context.close();
  });

  it("lets a hasty person sign in, however late the gateway says where the contracts are", async () => {
    const { page, context, signIn } = await console.open({ language: "en" });
    await page.route("**/v1/gateway", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await route.continue();
    });
    await signIn("Demo Health Insurer");
    await context.close();
  });

  it("lends the demo's identities to who opens the address that was printed, and takes the secret out of it", async () => {
    const { page, context, tell, press } = await console.open({ language: "en", isStranger: true });
    await page.goto("/");
    await press("session.signIn");
    await page.getByText(tell("session.demo.locked")).waitFor();
    expect(await page.getByRole("button", { name: "Demo Health Commission" }).count()).toBe(0);
    await page.goto(`/agreements?x=1#demo=${console.space.demo.secret}`);
    await page.reload();
    expect(page.url()).toBe(`${console.gateway.url}/agreements?x=1`);
    await press("session.signIn");
    await page.getByRole("button", { name: "Demo Health Commission" }).waitFor();
    const other = await context.newPage();
    await other.goto("/");
    await other
      .getByRole("button", { name: tell("session.signIn") })
      .first()
      .click();
    await other.getByRole("button", { name: "Demo Health Commission" }).waitFor();
    await context.close();
  });

  it("roles: a page for others says for whom it is", async () => {
    const { page, context, tell, signIn } = await console.open({ language: "en" });
    await signIn("Demo Health Insurer");
    await page.goto("/queue");
    await page.getByText(tell("session.roleNeeded", { roles: tell("role.Regulator") })).waitFor();
    await context.close();
  });

  it("keeps the language and the appearance that were chosen", async () => {
    const { page, context } = await console.open({ language: "en" });
    await page.goto("/");
    await page.getByRole("button", { name: "中文" }).click();
    await page.getByRole("heading", { level: 1, name: "总览" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "总览" }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("zh-CN");
    await page.getByRole("button", { name: "外观" }).click();
    await page.getByRole("menuitem", { name: "深色" }).click();
    await page.waitForFunction(() => document.documentElement.style.colorScheme === "dark");
    await context.close();
  });

  it("opens a menu beside its button, where it stays, for who wants no motion", async () => {
    const { page, context, tell, settled } = await console.open({ language: "en" });
    await page.goto("/");
    await settled();
    await page.getByRole("button", { name: tell("shell.appearance") }).click();
    const item = page.getByRole("menuitem", { name: tell("shell.appearance.dark") });
    await item.waitFor();
    const places = await item.evaluate(async (element) => {
      const seen = new Set<string>();
      for (let frame = 0; frame < 60; frame += 1) {
        await new Promise(requestAnimationFrame);
        const { left, right, top, bottom } = element.getBoundingClientRect();
        if (frame >= 30)
          seen.add(
            left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight ? `${left} ${top}` : "outside",
          );
      }
      return [...seen];
    });
    expect(places).toEqual([expect.stringMatching(/^\d/)]);
    await context.close();
  });

  it("a gateway that does not answer is told, with what to do", async () => {
    const { page, context, tell } = await console.open({ language: "en" });
    await page.route("**/v1/**", (route) => route.abort());
    await page.goto("/agreements");
    await page.getByText(tell("parts.unreachable"), { exact: true }).waitFor();
    await context.close();
  });
});

/** Presses Tab until what has the focus bears this name; fails if nothing does. */
async function tabTo({ page }: Reader, name: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { activeElement } = document;
      return (activeElement?.getAttribute("aria-label") ?? activeElement?.textContent ?? "").trim();
    });
    if (focused === name) return;
  }
  throw new Error(`no Tab leads to ${name}`);
}
