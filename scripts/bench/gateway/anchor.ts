import { Wallet } from "ethers";
import { startAnchor } from "../../../server/anchor/anchor.ts";
import { askHead } from "../../../server/chain/head.ts";
import { write } from "../../../server/chain/write.ts";
import { admit } from "../../../server/client/participants.ts";
import { toHex } from "../../../server/domain/hash.ts";
import type { Address } from "../../../server/domain/ids.ts";
import { participantId } from "../../../server/domain/typedData.ts";
import type { Journal } from "../../../server/journal/journal.ts";
import { figure } from "./measure.ts";
import type { World } from "./world.ts";

/** Entries that come onto the chain a second, from a journal that holds them all already, under a gateway of its own. */
export async function measureAnchor({ founded }: World, journal: Journal): Promise<number> {
  const { space, id, wallet } = founded;
  const sender = new Wallet(Wallet.createRandom().privateKey);
  const registrationNumber = "DEMO-HOS-0001/bench";
  const gateway = participantId(registrationNumber);
  await admit(space, wallet("commission"), {
    name: "Gateway of the benchmark",
    registrationNumber,
    roles: ["Gateway"],
    key: sender.address.toLowerCase() as Address,
    hospital: id("hospital"),
  });
  const startedAt = performance.now();
  const anchor = startAnchor({
    journal,
    readHead: space.readHead,
    readLog: (block) => space.reader.log(gateway, block),
    append: async ({ start, digests }) => {
      await write(space, sender, "AccessLog", "append", [start, digests.map((digest) => toHex(digest)), []]);
    },
    intervalMs: 10,
    depth: 0,
    isKeyValid: async () => true,
    damage: () => undefined,
    headAt: async (number) => (await askHead(space.send, number)).hash,
    warn: (message, error) => console.error(message, error),
  });
  const size = journal.tree.size();
  const isDone = await anchor.whenAnchored(size - 1, 300_000);
  const elapsed = performance.now() - startedAt;
  await anchor.stop();
  if (!isDone) throw new Error("anchoring takes too long");
  return figure((size / elapsed) * 1_000);
}
