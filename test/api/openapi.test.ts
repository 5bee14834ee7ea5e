import { readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import { type Route, routes } from "../../server/api/routes.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { misfit } from "../support/conforming.ts";
import { startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  while (!(await fetch(`${gateway.url}/v1/participants`)).ok) await sleep(50);
});
afterAll(() => space.stop());

type Tree = { readonly [name: string]: unknown };

describe("/openapi.json", () => {
  it("has every route that the gateway serves, and no other", async () => {
    const api = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { openapi: string; paths: Tree };
    expect(api.openapi).toBe("3.1.0");
    const declared = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.keys(methods as Tree).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(declared.sort()).toEqual(
      Object.values<Route>(routes)
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    );
    for (const { method, path } of Object.values<Route>(routes)) {
      const answer = await fetch(gateway.url + path.replace(/\{\w+\}/g, "x"), { method });
      expect([200, 400, 401, 404, 415], path).toContain(answer.status);
      const { code, title } = (await answer.json()) as { code?: string; title?: string };
      // not the answer to a path that no route has
      expect(`${code} ${title}`, path).not.toBe("NotFound There is nothing here.");
    }
  });

  it("refers to shapes that it declares, and tells every member of them", async () => {
    const text = await (await fetch(`${gateway.url}/openapi.json`)).text();
    const { components } = JSON.parse(text) as { components: { schemas: Record<string, Tree> } };
    const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(referred.length).toBeGreaterThan(50);
    expect([...new Set(referred)].filter((name) => !(String(name) in components.schemas))).toEqual([]);
    expect(text).not.toContain("$defs");
    const about = await createClient(gateway.url).gateway();
    expect(Object.keys(components.schemas.About?.properties as Tree).sort()).toEqual(Object.keys(about).sort());
    const [participant] = (await createClient(gateway.url).participants()).items;
    expect(Object.keys(components.schemas.Participant?.properties as Tree).sort()).toEqual(
      Object.keys(participant ?? {}).sort(),
    );
  });
});

describe("/docs", () => {
  it("shows every route under a policy that runs no script and loads nothing from elsewhere", async () => {
    const response = await fetch(`${gateway.url}/docs`);
    const page = await response.text();
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(response.headers.get("content-security-policy")).toBe(
      "default-src 'none';style-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    for (const { path } of Object.values<Route>(routes)) expect(page).toContain(path);
    expect(page).not.toMatch(/<script|<style|style=|https?:\/\/(?!json-schema)|\son\w+=/);
    const style = await fetch(`${gateway.url}/docs/style.css`);
    expect(style.headers.get("content-type")).toContain("text/css");
  });
});

describe("the watch over answers", () => {
  it.each([
    ["a member too many", { status: "alive", more: 1 }, 200],
    ["a member missing", {}, 200],
    ["a problem where there is none", { status: "alive" }, 500],
    ["a problem without a code", { type: "about:blank", status: 500, title: "x" }, 500],
  ])("sees %s", (_name, body, status) => {
    expect(misfit("GET", "/healthz", status, body)).toContain("does not declare");
  });
});

describe("the client and the schemas", () => {
  it("import nothing that a browser lacks", () => {
    const root = join(import.meta.dirname, "../..");
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(file, "utf8");
      for (const [, type, target = ""] of text.matchAll(
        /(?:^|\n)(?:import|export)\s+(type\s+)?[^;]*?from\s+"([^"]+)"/g,
      )) {
        if (type !== undefined) continue;
        if (target.startsWith(".")) visit(normalize(join(dirname(file), target)));
        else packages.add(target);
      }
    };
    visit(join(root, "server/api/client.ts"));
    visit(join(root, "server/api/openapi.ts"));
    expect([...packages]).toEqual(["zod"]);
    expect(
      [...seen].map((file) => relative(root, file)).filter((file) => !/^server\/(api|domain)\//.test(file)),
    ).toEqual([]);
  });

  it("say what answered if it was no gateway", async () => {
    const elsewhere = createClient(gateway.url, async () => new Response("<html>", { status: 502 }));
    await expect(elsewhere.gateway()).rejects.toMatchObject({ code: "NoGateway", status: 502 });
    const odd = createClient(gateway.url, async () => Response.json({ gateway: "0x12" }));
    await expect(odd.gateway()).rejects.toMatchObject({ code: "NoGateway" });
  });
});
