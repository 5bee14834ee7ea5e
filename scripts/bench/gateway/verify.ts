import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Wallet } from "ethers";
import { encodeCall } from "../../../server/chain/encode.ts";
import { askChainId } from "../../../server/chain/provider.ts";
import { networkFees, sendRaw, signCall } from "../../../server/chain/transact.ts";
import { admit } from "../../../server/client/participants.ts";
import { readLog } from "../../../server/client/readLog.ts";
import { toHex } from "../../../server/domain/hash.ts";
import type { Address } from "../../../server/domain/ids.ts";
import { freePort } from "../../../server/engines/child.ts";
import { openHome } from "../../../server/home.ts";
import { participantId } from "../../../server/domain/typedData.ts";
import { verifyLog } from "../../../server/proof/verifyLog.ts";
import { founders } from "../../demo/story.ts";
import type { Engines } from "../../space/engines.ts";
import { type FoundedSpace, foundSpace } from "../../space/foundSpace.ts";
import { figure } from "./measure.ts";

const batch = 4_000;
const gas = 16_000_000n;
const chainOptions =
  "--quiet --hardfork osaka --base-fee 0 --gas-price 0 --disable-min-priority-fee --gas-limit 100000000".split(" ");

/**
 * Seconds to read a log of so many entries from JSON-RPC alone and to verify every head of it, and what of that was reading; and the
 * processor's seconds that we took for it and that the chain's node took, undefined where the system does not tell.
 */
export type VerifyFigures = {
  readonly entries: number;
  readonly seconds: number;
  readonly reading: number;
  readonly own: number;
  readonly node: number | undefined;
};

/** Verifies logs of these sizes on a chain of their own, which keeps no file of its state. */
export async function measureLogs(sizes: readonly number[]): Promise<VerifyFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), "datapact-bench-"));
  const home = openHome(folder);
  home.make();
  const port = await freePort();
  const chain = spawn("anvil", [...chainOptions, "--port", String(port)], { stdio: "ignore" });
  const ended = new Promise((resolve) => chain.once("close", resolve));
  const chainUrl = `http://127.0.0.1:${port}`;
  while (!(await askChainId(chainUrl).then(Boolean, () => false))) await sleep(50);
  const engines = { chainUrl } as Engines;
  const founded = await foundSpace(home, engines, founders, () => undefined);
  const found: VerifyFigures[] = [];
  for (const size of sizes) found.push(await measureLog(founded, size, () => secondsOf(chain.pid)));
  founded.space.close();
  chain.kill();
  await ended;
  rmSync(folder, { recursive: true });
  return found;
}

/** Puts a log of its own on the chain and verifies it whole. */
async function measureLog(
  { space, id, wallet }: FoundedSpace,
  entries: number,
  nodeSeconds: () => number | undefined,
): Promise<VerifyFigures> {
  const sender = new Wallet(Wallet.createRandom().privateKey, space.provider);
  const registrationNumber = `DEMO-HOS-0001/verify-${entries}`;
  const gateway = participantId(registrationNumber);
  const key = sender.address.toLowerCase() as Address;
  const admission = { name: "Gateway of the benchmark", registrationNumber, roles: ["Gateway"], key } as const;
  await admit(space, wallet("commission"), { ...admission, hospital: id("hospital") });
  const fees = await networkFees(space.provider);
  const to = space.manifest.contracts.AccessLog.address;
  for (let start = 0, nonce = 0; start < entries; start += batch, nonce += 1) {
    const digests = Array.from({ length: Math.min(batch, entries - start) }, () => toHex(randomBytes(32)));
    const data = encodeCall("AccessLog", "append", [start, digests, []]);
    await sendRaw(space.provider, (await signCall(sender, { to, data, nonce, gas, fees })).raw);
  }
  const [ownBefore, nodeBefore, startedAt] = [process.cpuUsage(), nodeSeconds(), performance.now()];
  const facts = await readLog(space, gateway);
  const readAt = performance.now();
  const report = await verifyLog(facts);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(ownBefore);
  const [own, nodeAfter] = [(user + system) / 1_000_000, nodeSeconds()];
  if (!report.holds || report.facts.entries !== entries)
    throw new Error(`the log does not hold: ${report.broken?.problem}`);
  return {
    entries,
    seconds: figure(seconds),
    reading: figure((readAt - startedAt) / 1_000),
    own: figure(own),
    node: nodeBefore === undefined || nodeAfter === undefined ? undefined : figure(nodeAfter - nodeBefore),
  };
}

const ticksPerSecond = 100;

/** Seconds that a process has had of the processor; undefined where the system does not tell. */
function secondsOf(pid: number | undefined): number | undefined {
  try {
    const [, ...fields] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
    const [user, system] = fields.join("").split(" ").slice(11, 13);
    return (Number(user) + Number(system)) / ticksPerSecond;
  } catch {
    return undefined;
  }
}
