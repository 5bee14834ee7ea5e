import { randomBytes } from "node:crypto";
import { Wallet } from "ethers";
import { encodeCall } from "../../../server/chain/encode.ts";
import { networkFees, sendRaw, signCall } from "../../../server/chain/transact.ts";
import { admit } from "../../../server/client/participants.ts";
import { readLog } from "../../../server/client/readLog.ts";
import { toHex } from "../../../server/domain/hash.ts";
import type { Address } from "../../../server/domain/ids.ts";
import { participantId } from "../../../server/domain/typedData.ts";
import { verifyLog } from "../../../server/proof/verifyLog.ts";
import { figure } from "./measure.ts";
import type { World } from "./world.ts";

const batch = 4_000;
const gas = 16_000_000n;

/** Seconds to read a log of so many entries from JSON-RPC alone and to verify every head of it, and what of that was reading. */
export type VerifyFigures = { readonly entries: number; readonly seconds: number; readonly reading: number };

/** Puts a log of its own on the chain and verifies it whole. */
export async function measureVerify({ founded }: World, entries: number): Promise<VerifyFigures> {
  const { space, id, wallet } = founded;
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
  const startedAt = performance.now();
  const facts = await readLog(space, gateway);
  const readAt = performance.now();
  const report = await verifyLog(facts);
  const seconds = (performance.now() - startedAt) / 1_000;
  if (!report.holds || report.facts.entries !== entries)
    throw new Error(`the log does not hold: ${report.broken?.problem}`);
  return { entries, seconds: figure(seconds), reading: figure((readAt - startedAt) / 1_000) };
}
