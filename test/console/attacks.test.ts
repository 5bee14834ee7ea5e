import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoTerms, policy } from "../../scripts/demo/story.ts";
import { write } from "../../server/chain/write.ts";
import { offer } from "../../server/client/agreements.ts";
import { registerDataset } from "../../server/client/datasets.ts";
import { admit } from "../../server/client/participants.ts";
import type { Address, AgreementId } from "../../server/domain/ids.ts";
import { agreementId, policyHash } from "../../server/domain/typedData.ts";
import { followed } from "../support/readModel.ts";
import { type ConsoleSpace, type Reader, startConsole } from "./browser.ts";
import { browserPath } from "./browserPath.ts";

const consumer = "Demo Bilirubin Meter Maker";
const payloads = [
  `<img src=x onerror="window.pwned=1">`,
  `"><svg onload="window.pwned=1">`,
  `<script>window.pwned=1</script>`,
  `javascript:window.pwned=1`,
  `{{constructor.constructor('window.pwned=1')()}}`,
].join(" ");

describe.skipIf(browserPath === undefined)("the console under attack", () => {
  let console: ConsoleSpace;
  let offered: AgreementId;

  beforeAll(async () => {
    console = await startConsole();
    const { founded, dataset } = console.space;
    offered = await offer(founded.space, founded.wallet("device-maker"), demoTerms(founded, dataset), policy);
  });
  afterAll(() => console?.stop());

  describe("strings on chain", () => {
    let hostile: AgreementId;
    let participant: string;

    beforeAll(async () => {
      const { founded, dataset } = console.space;
      const { space, wallet } = founded;
      const text = `Harmless. ${payloads}`;
      hostile = await offer(
        space,
        wallet("device-maker"),
        demoTerms(founded, dataset, { policy: policyHash(text) }),
        text,
      );
      await write(space, wallet("hospital"), "AgreementRegistry", "terminate", [hostile, payloads.slice(0, 200)]);
      const key = `0x${"ab".repeat(20)}` as Address;
      const admission = { registrationNumber: "EVIL-1", name: payloads.slice(0, 120), roles: ["Consumer"] as const };
      await admit(space, wallet("commission"), { ...admission, key, hospital: undefined });
      participant = payloads.slice(0, 120);
      const description = { ...dataset.description, title: payloads.slice(0, 120) };
      const rules = { ...dataset.rules, purposes: [`x:${"<b>".repeat(5)}`] };
      await registerDataset(space, wallet("hospital"), founded.id("hospital"), "evil", description, rules).catch(
        () => undefined,
      );
      await followed(console.space, console.gateway);
    });

    it.each(["agreement", "/agreements", "/participants", "/datasets", "/search?q=onerror"])(
      "are inert on %s",
      async (path) => {
        const reader = await console.open({ language: "en" });
        const { page } = reader;
        page.on("dialog", () => reader.complaints.push("a dialog opened"));
        const answer = await page.goto(path === "agreement" ? `/agreements/${hostile}` : path);
        await reader.settled();
        if (path === "agreement") await page.getByText("window.pwned").first().waitFor();
        if (path === "/participants") await page.getByText(participant.slice(0, 30)).first().waitFor();
        expect(await page.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
        expect(await page.locator("main img, main svg[onload], main script").count()).toBe(0);
        expect(reader.complaints).toEqual([]);
        expect(answer?.headers()["content-security-policy"]).not.toMatch(/unsafe-/);
        await reader.context.close();
      },
    );
  });

  it("noncePolicy: a script that got into the page does not run, and neither does code made of text", async () => {
    const { page, context } = await console.open({ language: "en" });
    const first = (await page.goto("/"))?.headers() ?? {};
    const second = (await page.goto("/"))?.headers() ?? {};
    expect(first["content-security-policy"]).not.toBe(second["content-security-policy"]);
    expect(first["cross-origin-opener-policy"]).toBe("same-origin");
    expect(first["x-content-type-options"]).toBe("nosniff");
    expect(first["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(first["cache-control"]).toBe("no-store");
    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.pwned = 1";
      document.body.innerHTML += "<img src=x onerror='window.pwned = 1'>";
      const inserted = document.createElement("div");
      inserted.innerHTML = "<iframe srcdoc='<script>parent.pwned = 1</script>'></iframe>";
      document.body.append(inserted);
      return new Promise((resolve) => setTimeout(() => resolve((window as unknown as { pwned?: number }).pwned), 500));
    });
    expect(ran).toBeUndefined();
    await context.close();
  });

  it("immutable: hashed files are kept for ever, the page never", async () => {
    const page = await (await fetch(`${console.gateway.url}/`, { headers: { accept: "text/html" } })).text();
    const [, script = ""] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
    const file = await fetch(`${console.gateway.url}${script}`, { headers: { "accept-encoding": "br" } });
    expect(file.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(file.headers.get("content-encoding")).toBe("br");
    expect((await fetch(`${console.gateway.url}/assets/../index.html`)).status).toBe(404);
    // who only looks whether something answers finds the page, and other pages only a browser
    expect((await fetch(console.gateway.url, { headers: { accept: "*/*" } })).status).toBe(200);
    expect((await fetch(`${console.gateway.url}/queue`, { headers: { accept: "*/*" } })).status).toBe(404);
    expect((await fetch(`${console.gateway.url}/assets/none.js`, { headers: { accept: "text/html" } })).status).toBe(
      404,
    );
    expect((await fetch(`${console.gateway.url}/v1/none`, { headers: { accept: "text/html" } })).status).toBe(404);
  });

  describe("what is signed is what is shown", () => {
    const open = async (): Promise<Reader> => {
      const reader = await console.open({ language: "en" });
      await reader.signIn(consumer);
      return reader;
    };
    const isSigned = async (): Promise<boolean> => {
      const { space, id } = console.space.founded;
      const head = (await space.readHead()).hash;
      const facts = await space.send("eth_getLogs", [
        {
          address: space.manifest.contracts.AgreementRegistry.address,
          fromBlock: "0x0",
          topics: [null, offered, id("device-maker")],
        },
      ]);
      return head !== undefined && (facts as unknown[]).length > 0;
    };

    it("tamperedApi: terms that the API altered cannot be signed", async () => {
      const { page, context, tell } = await open();
      await page.route(`**/v1/agreements/${offered}`, async (route) => {
        const body = await (await route.fetch()).json();
        body.agreement.terms.minCohort = 1_000;
        await route.fulfill({ json: body });
      });
      await page.goto(`/agreements/${offered}`);
      await page.getByText(tell("integrity.broken")).waitFor();
      expect(await page.getByRole("button", { name: tell("acts.sign.Assignee") }).isDisabled()).toBe(true);
      await context.close();
    });

    it.each(["policy", "fields", "assigner"] as const)(
      "tamperedApi: another %s beside the same terms is found",
      async (part) => {
        const { page, context, tell } = await open();
        await page.route(`**/v1/agreements/${offered}`, async (route) => {
          const body = await (await route.fetch()).json();
          if (part === "policy") body.agreement.policy += " Not.";
          if (part === "fields") body.agreement.fields[0].name = "something_else";
          if (part === "assigner") body.agreement.assigner.name = "Another Hospital";
          await route.fulfill({ json: body });
        });
        await page.goto(`/agreements/${offered}`);
        await page.getByText(tell("integrity.broken")).waitFor();
        expect(await page.getByRole("button", { name: tell("acts.sign.Assignee") }).isDisabled()).toBe(true);
        await context.close();
      },
    );

    it("consistentLie: terms with an id of their own are not on chain, and cannot be signed", async () => {
      const { page, context, tell } = await open();
      const { founded, dataset } = console.space;
      const terms = demoTerms(founded, dataset, { minCohort: 11 });
      const id = agreementId(terms, founded.space.domainOf("AgreementRegistry"));
      await page.route(`**/v1/agreements/${id}`, async (route) => {
        const body = await (await fetch(`${console.gateway.url}/v1/agreements/${offered}`)).json();
        const wide = { fields: String(terms.fields), maxUses: String(terms.maxUses), maxRows: String(terms.maxRows) };
        Object.assign(body.agreement, { id, terms: { ...terms, ...wide } });
        await route.fulfill({ json: body });
      });
      await page.goto(`/agreements/${id}`);
      await page.getByText(tell("integrity.broken")).waitFor();
      expect(await page.getByRole("button", { name: tell("acts.sign.Assignee") }).isDisabled()).toBe(true);
      await context.close();
    });

    it("tamperedWallet: a signature of other terms is thrown away", async () => {
      const reader = await console.open({ language: "en" });
      const { page, context, tell, press } = reader;
      await announceWallet(reader, { chainId: undefined, alter: true });
      await reader.signIn("Test Wallet");
      await page.goto(`/agreements/${offered}`);
      await press("acts.sign.Assignee");
      await page.getByText(tell("acts.problem.foreignSignature")).waitFor();
      expect(await isSigned()).toBe(false);
      await context.close();
    });

    it("an honest one is put on chain", async () => {
      const { page, context, tell, press } = await open();
      await page.goto(`/agreements/${offered}`);
      await press("acts.sign.Assignee");
      await page.getByText(tell("acts.done")).first().waitFor();
      expect(await isSigned()).toBe(true);
      await context.close();
    });
  });

  describe("wallets", () => {
    it("wrongChain: says so, and signs nothing", async () => {
      const reader = await console.open({ language: "en" });
      const { page, context, tell, press } = reader;
      await announceWallet(reader, { chainId: "0x1", alter: false });
      await page.goto("/");
      await press("session.signIn");
      await page.getByRole("button", { name: "Test Wallet" }).click();
      await page.getByText(tell("session.wrongChain", { found: "1" })).waitFor();
      await context.close();
    });

    it("noWallet: says what to do", async () => {
      const { page, context, tell, press } = await console.open({ language: "en" });
      await page.route("**/demo/identities", (route) => route.fulfill({ json: [] }));
      await page.goto("/");
      await press("session.signIn");
      await page.getByText(tell("session.noWallet")).waitFor();
      await context.close();
    });
  });
});

/** Puts a wallet into the page that announces itself (EIP-6963) and has the consumer's key; it may stand elsewhere, or sign something else. */
async function announceWallet(
  { page }: Reader,
  behavior: { readonly chainId: string | undefined; readonly alter: boolean },
): Promise<void> {
  await page.addInitScript(({ chainId, alter }) => {
    const ask = async (method: string, params: readonly unknown[]): Promise<unknown> => {
      const body = JSON.stringify({ key: "device-maker", method, params });
      const secret = localStorage.getItem("datapact.demo") ?? "";
      const headers = { "content-type": "application/json", "x-datapact-demo": secret };
      const { result } = await (await fetch("/demo/wallet", { method: "POST", headers, body })).json();
      return result;
    };
    const provider = {
      request: ({ method, params = [] }: { method: string; params?: readonly unknown[] }) => {
        if (method === "eth_chainId" && chainId !== undefined) return Promise.resolve(chainId);
        if (method !== "eth_signTypedData_v4" || !alter) return ask(method, params);
        const typedData = JSON.parse(String(params[1]));
        typedData.message.terms.minCohort = 1;
        return ask(method, [params[0], JSON.stringify(typedData)]);
      },
    };
    const detail = { info: { uuid: "test", name: "Test Wallet", icon: "javascript:alert(1)", rdns: "x" }, provider };
    const announce = (): boolean => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
    addEventListener("eip6963:requestProvider", announce);
  }, behavior);
}
