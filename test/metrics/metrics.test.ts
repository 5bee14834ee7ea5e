import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiProblem, createClient } from "../../server/api/client.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { ask, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;
beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway({ DATAPACT_METRICS_PORT: "0" });
  agreement = await space.conclude();
});
afterAll(() => space.stop());

const metrics = async (): Promise<string> => (await fetch(gateway.metricsUrl ?? "")).text();
const sampleOf = (text: string, name: string): number =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.split(" ")[1],
  );

describe("/metrics", () => {
  it("counts decisions by reason and measures every stage", async () => {
    await ask(space, gateway, agreement);
    await ask(space, gateway, agreement);
    await ask(space, gateway, agreement, { purpose: "DUO:0000042" });
    await ask(space, gateway, agreement, { statement: "SELECT nonsense" });
    const text = await metrics();
    expect(sampleOf(text, 'datapact_decisions_total{outcome="Permitted",reason="None"}')).toBe(2);
    expect(sampleOf(text, 'datapact_decisions_total{outcome="Denied",reason="PurposeMismatch"}')).toBe(1);
    expect(sampleOf(text, 'datapact_decisions_total{outcome="Denied",reason="StatementRefused"}')).toBe(1);
    expect(sampleOf(text, 'datapact_stage_seconds_count{stage="use",ok="true"}')).toBe(4);
    for (const stage of ["decide", "run", "append"])
      expect(sampleOf(text, `datapact_stage_seconds_count{stage="${stage}",ok="true"}`), stage).toBeGreaterThan(0);
  });

  it("tells the log, its backlog, and how far behind the follower is", async () => {
    const { appended } = await createClient(gateway.url).log();
    const anchored = async (): Promise<number> => sampleOf(await metrics(), "datapact_anchored_entries");
    await expect.poll(anchored).toBe(appended);
    const text = await metrics();
    expect(sampleOf(text, "datapact_journal_entries")).toBe(appended);
    expect(sampleOf(text, "datapact_anchor_backlog_entries")).toBe(0);
    expect(sampleOf(text, "datapact_anchor_backlog_age_seconds")).toBe(0);
    expect(sampleOf(text, "datapact_follower_lag_blocks")).toBeGreaterThanOrEqual(0);
    expect(sampleOf(text, "datapact_chain_head_age_seconds")).toBeGreaterThanOrEqual(0);
  });

  it("names no consumer, agreement, purpose or statement", async () => {
    const text = await metrics();
    expect(text).not.toMatch(/0x[0-9a-f]{8}|DUO|SELECT|newborn|Demo/);
  });

  it("is served on its own address alone, and nothing else there", async () => {
    expect(new URL(gateway.metricsUrl ?? "").hostname).toBe("127.0.0.1");
    expect((await fetch(`${gateway.url}/metrics`)).status).toBe(404);
    expect((await fetch(new URL("/v1/log", gateway.metricsUrl))).status).toBe(404);
    const other = await space.startGateway().catch((error: Error) => error);
    expect(other).toBeInstanceOf(Error);
    expect(other).not.toBeInstanceOf(ApiProblem);
  });
});
