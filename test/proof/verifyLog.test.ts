import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import { openSpace, type Space } from "../../server/chain/space.ts";
import { readLog } from "../../server/client/readLog.ts";
import { toHex } from "../../server/domain/hash.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { readAppendCall } from "../../server/proof/appendCall.ts";
import { actedAt, type KeyEvent, keyPeriods } from "../../server/proof/keyHistory.ts";
import { heightsOf, joinPeaks, peaksWithin, rootOfPeaks } from "../../server/proof/peaks.ts";
import { type LogFacts, logChecks, verifyLog } from "../../server/proof/verifyLog.ts";
import { alter, bytes32, leafPaths, type Path, replaceAt } from "../support/evidence.ts";
import { paperLog } from "../support/paperLog.ts";
import { type RpcProxy, startRpcProxy } from "../support/rpcProxy.ts";
import { flipBit } from "../support/sigstore.ts";
import { ask, startTestSpace, type TestSpace } from "../support/space.ts";
import { digest, treeHash } from "../support/treeDefinition.ts";

const digests = Array.from({ length: 200 }, (_, i) => digest(Buffer.from(`entry ${i}`)));

describe("peaks", () => {
  it("of batches, however they are cut, join to the root of the definition", () => {
    for (const width of [1, 2, 3, 7, 64, 65, 200]) {
      let peaks: ReturnType<typeof joinPeaks> = [];
      for (let start = 0; start < digests.length; start += width) {
        const batch = digests.slice(start, start + width);
        peaks = joinPeaks(peaks, peaksWithin(start, Buffer.concat(batch)));
        const size = start + batch.length;
        expect(peaks.map(({ height }) => height)).toEqual(heightsOf(size));
        expect(rootOfPeaks(peaks)).toEqual(treeHash(digests.slice(0, size)));
      }
    }
    expect(rootOfPeaks([])).toBeUndefined();
  });
});

const broken = async (facts: LogFacts): Promise<string | undefined> => (await verifyLog(facts)).broken?.check;

describe("a log as JSON-RPC tells it", () => {
  const log = paperLog([3, 1, 8, 5, 2]);

  it("holds, of any size", async () => {
    for (const counts of [[], [1], [3, 1, 8, 5, 2], Array.from({ length: 300 }, (_, i) => 1 + (i % 3))]) {
      const report = await verifyLog(paperLog(counts));
      expect(report).toMatchObject({ holds: true, broken: null });
      expect(report.checks.map(({ check }) => check)).toEqual(logChecks);
      expect(report.facts.entries).toBe(counts.reduce((sum, count) => sum + count, 0));
    }
  });

  /** What may differ without a doubt: names, what the node shows beyond, and what is not compared. */
  const isFree = (path: Path): boolean => {
    const [part, ...rest] = path;
    const last = rest.at(-1);
    if (part === "participant") return last !== "id" && !(rest[0] === "keys" && last !== "isDelegate");
    if (part === "newest") return true;
    if (part === "final") return last !== "number";
    if (part === "batches") return last === "transaction" || last === "time" || last === "number";
    if (part === "manifest") return last === "block" || (last === "address" && rest[1] !== "AccessLog");
    return part === "depth";
  };
  const paths = leafPaths({
    ...log,
    batches: log.batches.map(({ call, ...batch }) => ({ ...batch, call: { ...call, input: "" } })),
  });
  it.each(
    paths.filter((path) => !isFree(path) && path.at(-1) !== "input").map((path) => [path.join("."), path] as const),
  )("%s: any other value is found", async (_name, path) => {
    const altered = replaceAt(log, path, (old) =>
      path.at(-1) === "from" && path[0] === "participant" ? 2_000_000_000 : old === null ? 1 : alter(old),
    );
    const fixed = {
      ...altered,
      batches: altered.batches.map((batch) => ({
        ...batch,
        call: batch.call && { ...batch.call, input: Buffer.from(batch.call.input) },
      })),
    };
    expect((await verifyLog(fixed)).holds).toBe(false);
  });

  it.each<[string, (facts: LogFacts) => LogFacts]>([
    ["chain", (facts) => ({ ...facts, identity: { ...facts.identity, chainId: 1 } })],
    ["chain", (facts) => ({ ...facts, identity: { ...facts.identity, firstBlock: undefined } })],
    ["gateway", (facts) => ({ ...facts, participant: undefined })],
    ["gateway", (facts) => ({ ...facts, participant: facts.participant && { ...facts.participant, hospital: null } })],
    ["finality", (facts) => ({ ...facts, depth: 4 })],
    ["finality", (facts) => ({ ...facts, final: { ...facts.final, number: 8 } })],
    ["order", (facts) => ({ ...facts, batches: facts.batches.toSpliced(1, 1) })],
    ["order", (facts) => ({ ...facts, batches: [...facts.batches, facts.batches[0]].flatMap((batch) => batch ?? []) })],
    ["calldata", (facts) => withBatch(facts, 2, (batch) => ({ ...batch, call: undefined }))],
    ["calldata", (facts) => withCall(facts, 2, { to: null })],
    ["calldata", (facts) => withCall(facts, 2, { block: bytes32("another block") })],
    ["calldata", (facts) => withInput(facts, 2, (input) => input.subarray(0, 200))],
    ["keys", (facts) => withCall(facts, 2, { from: bytes32("another").slice(0, 42) as `0x${string}` as never })],
    ["keys", (facts) => withKeyUntil(facts, facts.batches[2]?.block.time ?? 0)],
    ["heads", (facts) => withInput(facts, 2, (input) => flipBit(input, (4 + 32 * 4) * 8 + 3))],
    ["heads", (facts) => withBatch(facts, 1, (batch) => ({ ...batch, root: bytes32("another root") }))],
    ["state", (facts) => ({ ...facts, batches: facts.batches.slice(0, -1), ring: facts.ring.slice(0, -1) })],
    ["state", (facts) => ({ ...facts, state: { ...facts.state, root: bytes32("another root") } })],
    ["ring", (facts) => ({ ...facts, ring: facts.ring.slice(1) })],
    ["ring", (facts) => ({ ...facts, ring: facts.ring.with(0, { size: 3, isHead: false }) })],
    ["promises", (facts) => ({ ...facts, state: { ...facts.state, breachedAt: 1_790_000_000 } })],
  ])("is broken at %s (%#)", async (check, change) => {
    expect(await broken(change(log))).toBe(check);
  });

  it("does not hold after a change of any one bit of any digest in calldata", async () => {
    const start = 4 + 32 * 4;
    for (const [i, { size, start: first }] of log.batches.entries()) {
      for (let byte = 0; byte < (size - first) * 32; byte += 5)
        expect(await broken(withInput(log, i, (input) => flipBit(input, (start + byte) * 8 + (byte % 8))))).toBe(
          "heads",
        );
    }
  });
});

const withBatch = (
  facts: LogFacts,
  at: number,
  change: (batch: LogFacts["batches"][number]) => LogFacts["batches"][number],
) => ({
  ...facts,
  batches: facts.batches.map((batch, i) => (i === at ? change(batch) : batch)),
});
type CallFacts = NonNullable<LogFacts["batches"][number]["call"]>;
const withCall = (facts: LogFacts, at: number, change: Partial<CallFacts>) =>
  withBatch(facts, at, (batch) => ({ ...batch, call: batch.call && { ...batch.call, ...change } }));
const withInput = (facts: LogFacts, at: number, change: (input: Buffer) => Buffer) =>
  withBatch(facts, at, (batch) => ({
    ...batch,
    call: batch.call && { ...batch.call, input: change(batch.call.input) },
  }));
const withKeyUntil = (facts: LogFacts, until: number): LogFacts => ({
  ...facts,
  participant: facts.participant && {
    ...facts.participant,
    keys: facts.participant.keys.map((period) => ({ ...period, until })),
  },
});

describe("calldata", () => {
  const input = paperLog([3]).batches[0]?.call?.input ?? Buffer.alloc(0);

  it("is read whole", () => {
    const call = readAppendCall(input);
    expect(call).toMatchObject({ start: 0, usages: [{ agreement: bytes32("agreement"), count: 1 }] });
    expect(toHex(call?.digests.subarray(32, 64) ?? Buffer.alloc(0))).toBe(bytes32("entry 1"));
  });

  it("is none when cut anywhere, of another function, or with places and numbers beyond what there is", () => {
    for (let length = 0; length < input.length; length += 1)
      expect(readAppendCall(input.subarray(0, length)), `cut at ${length}`).toBeUndefined();
    for (let bit = 0; bit < 32; bit += 1) expect(readAppendCall(flipBit(input, bit))).toBeUndefined();
    for (const word of [1, 2, 3, 7]) {
      const wide = Buffer.from(input);
      wide.fill(255, 4 + word * 32, 4 + (word + 1) * 32);
      expect(readAppendCall(wide), `word ${word}`).toBeUndefined();
    }
  });
});

describe("the history of keys", () => {
  const [one, two, three] = ["one", "two", "three"].map((name) => bytes32(name).slice(0, 42)) as never as [
    never,
    never,
    never,
  ];
  const events: KeyEvent[] = [
    { name: "ParticipantAdmitted", time: 10, key: one },
    { name: "DelegateAuthorized", time: 20, delegate: three, validUntil: 50 },
    { name: "KeyRotated", time: 30, previous: one, current: two },
    { name: "DelegateAuthorized", time: 40, delegate: three, validUntil: 90 },
    { name: "DelegateRevoked", time: 60, delegate: three },
  ];

  it("tells to the second who acted", () => {
    const keys = keyPeriods(events);
    const acted = (key: never, ...times: number[]): boolean[] => times.map((time) => actedAt(keys, key, time));
    expect(acted(one, 9, 10, 29, 30)).toEqual([false, true, true, false]);
    expect(acted(two, 29, 30, 10 ** 12)).toEqual([false, true, true]);
    expect(acted(three, 19, 20, 49, 50, 59, 60)).toEqual([false, true, true, true, true, false]);
    expect(keys).toHaveLength(3);
  });
});

describe("verify log, from JSON-RPC alone", () => {
  let space: TestSpace;
  let gateway: Gateway;
  let agreement: AgreementId;
  let proxy: RpcProxy;
  let throughProxy: Space;

  beforeAll(async () => {
    space = await startTestSpace();
    gateway = await space.startGateway();
    agreement = await space.conclude();
    let anchored = 0;
    for (const count of [4, 1, 9]) {
      await Promise.all(Array.from({ length: count }, () => ask(space, gateway, agreement)));
      anchored += count;
      while ((await createClient(gateway.url).log()).anchored?.size !== anchored) await sleep(20);
    }
    proxy = await startRpcProxy(space.engines.chainUrl);
    throughProxy = openSpace(proxy.url, space.founded.space.manifest);
  });
  afterAll(async () => {
    throughProxy.close();
    await proxy.stop();
    await space.stop();
  });

  it("holds, and is up to the block that it names", async () => {
    const report = await verifyLog(await readLog(throughProxy, gateway.id));
    expect(report).toMatchObject({ holds: true, facts: { name: "Gateway 1 of the hospital", entries: 14 } });
  });

  it.each<[string, string, (honest: never) => unknown]>([
    ["order", "eth_getLogs", (logs: { topics: string[] }[]) => logs.filter((_, i) => i !== 1)],
    ["calldata", "eth_getTransactionByHash", () => null],
    ["chain", "eth_getCode", () => "0x6001"],
    ["chain", "eth_chainId", () => "0x1"],
  ] as never)("finds at %s a node that lies about %s", async (check, method, lie) => {
    proxy.misbehave(
      (call, honest, response) => {
        const isKeyEvents = JSON.stringify(call.params).includes(
          space.founded.space.manifest.contracts.ParticipantRegistry.address,
        );
        const result = method === "eth_getLogs" && isKeyEvents ? honest : (lie as (honest: unknown) => unknown)(honest);
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ jsonrpc: "2.0", id: call.id, result }));
      },
      [method],
    );
    expect((await verifyLog(await readLog(throughProxy, gateway.id))).broken?.check).toBe(check);
    proxy.misbehave(undefined);
  });
});
