import { type Result, toQuantity } from "ethers";
import { z } from "zod";
import { interfaces } from "./interfaces.ts";
import type { Space } from "./space.ts";

/** An event of one of our contracts, its arguments by name. */
export type ChainEvent = {
  readonly name: string;
  readonly args: Result;
  readonly block: number;
  readonly transaction: string;
};

const logSchema = z.object({
  topics: z.array(z.string()),
  data: z.string(),
  blockNumber: z.string().transform(Number),
  transactionHash: z.string(),
});

/**
 * Reads the events of one contract in order, from its deployment on; only those about `id`, up to `lastBlock` and from `firstBlock` on if
 * given. Without `lastBlock` up to the newest block: two nodes can only be compared up to one that both have.
 * @param names Which events; all if not given.
 */
export async function readEvents(
  space: Space,
  name: keyof typeof interfaces,
  id?: string,
  lastBlock?: number,
  firstBlock = space.manifest.block,
  names?: readonly string[],
): Promise<ChainEvent[]> {
  const chosen = names?.map((event) => interfaces[name].getEvent(event)?.topicHash) ?? null;
  const topics = id === undefined ? [chosen] : [chosen, id];
  const toBlock = toQuantity(lastBlock ?? (await space.readHead()).number);
  const fromBlock = toQuantity(firstBlock);
  const { address } = space.manifest.contracts[name];
  const logs = await space.send("eth_getLogs", [{ address, topics, fromBlock, toBlock }]);
  return z
    .array(logSchema)
    .parse(logs)
    .flatMap(({ topics: found, data, blockNumber, transactionHash }) => {
      const event = interfaces[name].parseLog({ topics: found, data });
      return event === null
        ? []
        : [{ name: event.name, args: event.args, block: blockNumber, transaction: transactionHash }];
    });
}
