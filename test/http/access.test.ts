import { setTimeout as sleep } from "node:timers/promises";
import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Route, type RouteName, routes } from "../../server/api/routes.ts";
import { admit } from "../../server/client/participants.ts";
import { entryDigest } from "../../server/domain/entry.ts";
import type { Address, AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { postSignIn } from "../support/session.ts";
import { ask, startTestSpace, type TestSpace } from "../support/space.ts";

const askers = ["nobody", "consumer", "otherConsumer", "hospital", "otherHospital", "regulator", "gateway"] as const;
type Asker = (typeof askers)[number];

let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;
const tokens: Partial<Record<Asker, string>> = {};

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  agreement = await space.conclude();
  await ask(space, gateway, agreement);
  const { space: chain, wallet } = space.founded;
  const outsider = new Wallet(Wallet.createRandom().privateKey);
  await admit(chain, wallet("commission"), {
    name: "Another hospital",
    registrationNumber: "HOS-2",
    roles: ["Hospital"],
    key: outsider.address.toLowerCase() as Address,
    hospital: undefined,
  });
  const keys = {
    consumer: wallet("device-maker"),
    otherConsumer: wallet("insurer"),
    hospital: wallet("hospital"),
    otherHospital: outsider,
    regulator: wallet("commission"),
    gateway: wallet("gateway"),
  };
  for (const [asker, key] of Object.entries(keys) as [Asker, Wallet][]) {
    const { token } = (await (await postSignIn(gateway.url, key, "bearer")).json()) as { token: string };
    tokens[asker] = token;
  }
  while (!(await fetch(`${gateway.url}/v1/agreements/${agreement}`)).ok) await sleep(50);
});
afterAll(() => space.stop());

/** Statuses in the order of `askers`. */
type Row = readonly [number, number, number, number, number, number, number];
const all = (status: number): Row => [status, status, status, status, status, status, status];
const concerned: Row = [401, 200, 200, 200, 200, 200, 403];
/** What each route answers to whom, asked about what is there and concerns the consumer, the hospital and the regulator. */
const table: { readonly [Name in RouteName]: Row } = {
  use: all(400),
  recorded: all(200),
  gateway: all(200),
  log: all(200),
  proof: all(200),
  place: all(200),
  consistency: all(200),
  heads: all(200),
  participants: all(200),
  participant: all(200),
  participantEvents: all(200),
  datasets: all(200),
  dataset: all(200),
  datasetEvents: all(200),
  agreements: all(200),
  agreement: all(200),
  agreementEvents: all(200),
  counts: all(200),
  entries: concerned,
  entryCounts: concerned,
  exportEntries: concerned,
  entry: [401, 200, 404, 200, 404, 200, 403],
  timeline: [401, 200, 404, 200, 404, 200, 403],
  recordFinding: [401, 403, 403, 403, 403, 400, 403],
  findings: [401, 403, 403, 200, 200, 200, 403],
  finding: [401, 403, 403, 404, 404, 404, 403],
  challenge: all(200),
  signIn: all(400),
  session: [401, 200, 200, 200, 200, 200, 200],
  signOut: [401, 200, 200, 200, 200, 200, 200],
  alive: all(200),
  ready: all(200),
};

const queries: Partial<Record<RouteName, string>> = { consistency: "?from=1", exportEntries: "?format=csv" };

async function fill(name: RouteName): Promise<string> {
  const route: Route = routes[name];
  const ids: Readonly<Record<string, string>> = {
    participants: space.founded.id("hospital"),
    datasets: space.dataset.id,
    agreements: agreement,
    findings: `0x${"12".repeat(32)}`,
  };
  const id = ids[route.path.split("/")[2] ?? ""] ?? "";
  const path = route.path.replace("{id}", id).replace("{index}", "0");
  if (!path.includes("{digest}")) return path + (queries[name] ?? "");
  const { entry } = await ask(space, gateway, agreement);
  return path.replace("{digest}", name === "place" ? entryDigest(entry) : entry.request);
}

describe("every route", () => {
  it.each(
    Object.keys(routes)
      .filter((name) => name !== "signOut")
      .concat("signOut") as RouteName[],
  )("%s answers each asker as the table says", async (name) => {
    expect(table, `${name} has no row`).toHaveProperty(name);
    const { method } = routes[name] as Route;
    const path = await fill(name);
    if (name === "proof" || name === "consistency")
      while (!(await fetch(`${gateway.url}/v1/log/entries/0/proof`)).ok) await sleep(50);
    const statuses: number[] = [];
    for (const asker of askers) {
      const token = tokens[asker];
      const headers = { ...(token && { authorization: `Bearer ${token}` }), "content-type": "application/json" };
      const body = method === "POST" ? { body: "{}" } : {};
      const response = await fetch(gateway.url + path, { method, headers, ...body });
      await response.arrayBuffer();
      statuses.push(response.status);
    }
    expect(statuses).toEqual([...table[name]]);
  });

  it("says in its declared access what the table says", () => {
    for (const [name, { access }] of Object.entries<Route>(routes)) {
      const isOpen = table[name as RouteName][0] !== 401;
      expect(access === "Anyone" || access === "Signer", name).toBe(isOpen);
    }
  });
});
