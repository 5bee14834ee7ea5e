import { askHead, createHeadReader } from "../../../server/chain/head.ts";
import { createRecentHeadReader } from "../../../server/chain/recentHead.ts";
import { createViewReader } from "../../../server/chain/view.ts";
import type { Address } from "../../../server/domain/ids.ts";
import { createDecide } from "../../../server/license/decide.ts";
import { purpose } from "../../demo/story.ts";
import { figure, quantile } from "./measure.ts";
import type { World } from "./world.ts";

const warm = 20_000;
const cold = 200;

/** How long a decision takes, in microseconds: under a block that was asked about before, and under a new one. */
export type DecideFigures = {
  readonly warmP50: number;
  readonly warmP99: number;
  readonly coldP50: number;
  readonly coldP99: number;
};

export async function measureDecide({ founded, agreement, config }: World): Promise<DecideFigures> {
  const { space, id, wallet } = founded;
  const { block: number, blockHash: hash } = space.manifest;
  const recent = createRecentHeadReader(
    createHeadReader(() => askHead(space.send, "latest")),
    config.DATAPACT_HEAD_AGE_MS,
  );
  const readView = createViewReader({
    readHead: recent.readHead,
    headAt: (at) => askHead(space.send, at),
    finalityDepth: config.DATAPACT_FINALITY_DEPTH,
    reorgDepth: config.DATAPACT_REORG_DEPTH,
    mostBlockAge: config.DATAPACT_BLOCK_AGE_SECONDS,
    memory: { seen: number, settled: { number, hash } },
    keep: () => undefined,
    acknowledged: async () => undefined,
    now: () => Math.floor(Date.now() / 1_000),
  });
  const decide = createDecide(id("gateway"), readView, space.reader, () => Math.floor(Date.now() / 1_000));
  const signer = wallet("device-maker").address.toLowerCase() as Address;
  const ask = async (): Promise<number> => {
    const startedAt = performance.now();
    const { decision } = await decide({ agreement, signer, purpose, fields: 0n, disclosure: "Aggregate" });
    const elapsed = performance.now() - startedAt;
    if (decision.reason !== null) throw new Error(`the policy refuses: ${decision.reason}`);
    return elapsed * 1_000;
  };
  const samples = async (count: number, before: () => Promise<unknown>): Promise<number[]> => {
    const found: number[] = [];
    for (let i = 0; i < count; i += 1) {
      await before();
      found.push(await ask());
    }
    return found;
  };
  await ask();
  const known = await samples(warm, async () => undefined);
  const fresh = await samples(cold, async () => {
    await space.send("evm_mine", []);
    recent.expire();
  });
  return {
    warmP50: figure(quantile(known, 0.5)),
    warmP99: figure(quantile(known, 0.99)),
    coldP50: figure(quantile(fresh, 0.5)),
    coldP99: figure(quantile(fresh, 0.99)),
  };
}
