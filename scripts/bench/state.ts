import { createHash } from "node:crypto";
import { id, toQuantity } from "ethers";
import { createLedger, encodedTerms, makeTerms, policyText, signTerms } from "./ledger.ts";

export const acts = ["evaluate", "suspend", "append"] as const;
export type ActGas = Readonly<Record<(typeof acts)[number], number>>;

const gasLimit = 16_777_216;
/**
 * Measures acts on an empty ledger, fills it by real transactions with so many agreements and entries, and measures them again. On a chain
 * inside this process, or on anvil at `url`, which is faster for large numbers.
 */
export async function compareState(
  agreements: number,
  entries: number,
  url?: string,
): Promise<{ before: ActGas; after: ActGas }> {
  const ledger = await createLedger(url);
  /** Transactions to a block while the state is built. What anvil does for a block grows with the state, so that it gets few. */
  const blockful = url === undefined ? 25 : 1_000;
  const { contracts, actors, ids, provider } = ledger;
  const now = (await ledger.ethers.provider.getBlock("latest"))?.timestamp ?? 0;

  const append = async (count: number): Promise<number> => {
    const { size } = await contracts.log.log(ids.gateway);
    const digests = makeDigests(Number(size), count);
    const sent = await contracts.log.connect(actors.gateway).append(size, digests, [], { gasLimit });
    return Number((await sent.wait())?.gasUsed);
  };

  const measure = async (salt: string): Promise<ActGas> => {
    const terms = makeTerms(ledger, salt, now);
    const agreement = await contracts.agreements.idOf(encodedTerms(terms));
    await contracts.agreements.offer(encodedTerms(terms), policyText);
    for (const capacity of ["Assigner", "Assignee", "Regulator"] as const)
      await signTerms(ledger, terms, agreement, capacity);
    const request = {
      gateway: ids.gateway,
      agreement,
      signer: actors.consumer.address,
      purpose: terms.purpose,
      fields: 1n,
      disclosure: 0,
      time: now,
    };
    if (!(await contracts.policy.evaluate(request)).permitted) throw new Error("the policy refuses what is measured");
    const evaluate = Number(await contracts.policy.evaluate.estimateGas(request));
    const suspended = await contracts.agreements.connect(actors.regulator).suspend(agreement, "inspection");
    return { evaluate, suspend: Number((await suspended.wait())?.gasUsed), append: await append(1_024) };
  };

  /** Many agreements at once: one calldata, in which only the salt differs. */
  const offerMany = async (): Promise<void> => {
    const { interface: abi, target } = contracts.agreements;
    const template = makeTerms(ledger, "template", now);
    const call = abi.encodeFunctionData("offer", [encodedTerms(template), policyText]);
    const [head, tail] = call.split(template.salt.slice(2)) as [string, string];
    const first = await actors.outsider.getNonce();
    const send = (data: string, nonce: number) =>
      provider.request({
        method: "eth_sendTransaction",
        params: [{ from: actors.outsider.address, to: target, data, gas: "0x200000", nonce: toQuantity(nonce) }],
      });
    await provider.request({ method: "evm_setAutomine", params: [false] });
    for (let made = 0; made < agreements; made += blockful) {
      const count = Math.min(blockful, agreements - made);
      const salts = Array.from({ length: count }, (_, i) => id(`many ${made + i}`).slice(2));
      await Promise.all(salts.map((salt, i) => send(head + salt + tail, first + made + i)));
      await provider.request({ method: "evm_mine", params: [] });
    }
    await provider.request({ method: "evm_setAutomine", params: [true] });
    const last = { ...template, salt: id(`many ${agreements - 1}`) as typeof template.salt };
    const { offeredAt } = await contracts.agreements.facts(await contracts.agreements.idOf(encodedTerms(last)));
    if (offeredAt === 0n) throw new Error("the agreements did not come about");
  };

  const before = await measure("first");
  await offerMany();
  for (let left = entries; left > 0; left -= 4_080) await append(Math.min(left, 4_080));
  return { before, after: await measure("last") };
}

function makeDigests(start: number, count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) =>
    createHash("sha256")
      .update(`entry ${start + i}`)
      .digest(),
  );
}
