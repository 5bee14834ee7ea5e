import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { encryptKeystoreJson, Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createRandom } from "../../scripts/demo/random.ts";
import { fundKeys } from "../../scripts/space/fundKeys.ts";
import { write } from "../../server/chain/write.ts";
import { findChallenges } from "../../server/client/challenges.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { readSecret } from "../../server/gateway/config.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { makeFolder } from "../support/folder.ts";
import { startGatewayProcess } from "../support/gatewayProcess.ts";
import { startTestSpace, type TestSpace } from "../support/space.ts";
import { createTestConsumer } from "../zoo/consumer.ts";
import { createTestWitness } from "./testWitness.ts";

const acts = Number(process.env.DATAPACT_HONEST_ACTS ?? 30);
const seeds = Number(process.env.DATAPACT_HONEST_SEEDS ?? 2);

let space: TestSpace;
let agreement: AgreementId;
let wallet: Wallet;
const heard = makeFolder("heard");

beforeAll(async () => {
  space = await startTestSpace();
  agreement = await space.conclude({ maxUses: 1_000_000n });
  wallet = space.founded.wallet("gateway");
});
afterAll(() => space.stop());

const settings = { DATAPACT_PROMISE_SECONDS: "600", DATAPACT_FINALITY_DEPTH: "0" };

const started: Gateway[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((gateway) => gateway.stop()));
});
async function start(changed: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  const gateway = await space.startGateway({ ...settings, ...changed });
  started.push(gateway);
  return gateway;
}

async function rotateKey(): Promise<void> {
  const { space: chain, wallet: walletOf } = space.founded;
  const next = new Wallet(Wallet.createRandom().privateKey);
  await fundKeys(chain.provider, walletOf("deployer"), [next]);
  await write(chain, wallet, "ParticipantRegistry", "rotateKey", [next.address]);
  const { address, privateKey } = next;
  const passphrase = readSecret(space.home.passphrase);
  const file = space.home.keystore("gateway");
  rmSync(file);
  const light = await encryptKeystoreJson({ address, privateKey }, passphrase, { scrypt: { N: 1_024, r: 8, p: 1 } });
  writeFileSync(file, light, { mode: 0o600 });
  wallet = next;
}

/** Any order of what happens to honest gateways. What a gateway refuses meanwhile is no fault; that it is accused would be. */
it.each(Array.from({ length: seeds }, (_, seed) => seed + 1))(
  "an honest gateway is never accused, whatever happens to it and to its chain: seed %i",
  async (seed) => {
    const random = createRandom(`honest ${seed}`);
    const chain = space.founded.space;
    let gateway: Gateway = await start();
    const consumer = createTestConsumer(space, gateway, agreement);
    const folders = [consumer.folder, heard];
    const follow = (): Gateway => gateway;
    const watched = {
      id: gateway.id,
      get url() {
        return follow().url;
      },
    };
    let witness = createTestWitness(space, [watched], { folders });
    const accused: string[] = [];
    let snapshot: unknown;
    const done: string[] = [];
    const restart = async (changed: Readonly<Record<string, string>> = {}): Promise<void> => {
      await gateway.stop();
      gateway = await start(changed);
    };
    const ask = async (): Promise<void> => {
      const asker = createTestConsumer(space, gateway, agreement, consumer.folder);
      const many = random.integer(1, 4);
      await Promise.all(Array.from({ length: many }, () => asker.ask().catch(() => undefined)));
    };
    const happenings: Readonly<Record<string, () => Promise<void>>> = {
      ask,
      look: async () => void (await witness.look({ challenge: true })),
      restart: () => restart(),
      anchorSlowly: () => restart({ DATAPACT_ANCHOR_INTERVAL_MS: "4000" }),
      kill: async () => {
        await gateway.stop();
        const process = await startGatewayProcess(space, { ...settings, DATAPACT_ANCHOR_INTERVAL_MS: "100" });
        gateway = process.gateway;
        await Promise.all([ask(), sleep(random.integer(0, 300))]);
        process.child.kill("SIGKILL");
        await process.ended;
        gateway = await start();
      },
      // the chain may only lose what came after the last change of keys
      remember: async () => {
        snapshot = await chain.send("evm_snapshot", []);
      },
      reorganize: async () => {
        if (snapshot === undefined) return;
        await chain.send("evm_revert", [snapshot]);
        snapshot = undefined;
        if (random.chance(0.5)) await chain.send("evm_mine", []);
      },
      rotate: async () => {
        // as an operator does it: stop, wait until the chain's clock has passed the last promise, rotate, start
        snapshot = undefined;
        await gateway.stop();
        await sleep(1_100);
        // anvil's clock goes back with a reorganization, which those of other chains do not
        const { time } = await chain.readHead();
        await chain.send("evm_setNextBlockTimestamp", [Math.max(Math.floor(Date.now() / 1_000), time + 1)]);
        await rotateKey();
        gateway = await start();
      },
      askAgain: async () => {
        const [kept] = consumer.store.kept().slice(-random.integer(1, 5));
        if (kept === undefined) return;
        const answer = await fetch(`${gateway.url}/v1/requests/${kept.evidence.entry.request}`);
        if (answer.ok) writeFileSync(join(heard, `${random.integer(0, 1e9)}.json`), await answer.text());
      },
      hearNote: async () => {
        const answer = await fetch(`${gateway.url}/checkpoint`);
        if (answer.ok) writeFileSync(join(heard, `${random.integer(0, 1e9)}.note`), await answer.text());
      },
      newWitness: async () => {
        accused.push(...witness.accused());
        witness = createTestWitness(space, [watched], { folders });
      },
      wait: () => sleep(random.integer(0, 1_500)),
    };
    const weights = [
      ["ask", 10],
      ["look", 8],
      ["restart", 1],
      ["anchorSlowly", 1],
      ["kill", 0.5],
      ["remember", 3],
      ["reorganize", 3],
      ["rotate", 0.5],
      ["askAgain", 2],
      ["hearNote", 2],
      ["newWitness", 1],
      ["wait", 2],
    ] as const;
    // each of them once, then by chance
    const order = [...weights.map(([name]) => name), ...Array.from({ length: acts }, () => random.weigh(weights))];
    for (const name of order) {
      done.push(name);
      await happenings[name]?.();
    }
    for (let i = 0; i < 12; i += 1) await chain.send("evm_mine", []);
    const receipts = consumer.store.kept().map(({ evidence }) => evidence.receipt);
    expect(receipts.length).toBeGreaterThan(10);
    const open = async (): Promise<string[]> => {
      await witness.look({ challenge: true });
      const judged = await findChallenges(chain, receipts);
      expect(judged.filter(({ challenge }) => challenge !== undefined)).toEqual([]);
      return judged.flatMap(({ verdict, receipt }) =>
        verdict === "Kept" ? [] : [`${verdict} ${receipt.index} ${receipt.issuedAt}`],
      );
    };
    await expect.poll(open, { timeout: 300_000, interval: 500, message: done.join(" ") }).toEqual([]);
    expect([...accused, ...witness.accused()], done.join(" ")).toEqual([]);
    expect(witness.told.filter(({ level }) => level === "proven")).toEqual([]);
  },
);
