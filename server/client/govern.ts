import type { Wallet } from "ethers";
import { interfaces } from "../chain/interfaces.ts";
import type { Space } from "../chain/space.ts";
import { write } from "../chain/write.ts";

/** Done now, or announced: then the same call does it from `from` (unix time) on, for a week. */
export type Governed = { readonly isDone: true } | { readonly isDone: false; readonly from: number };

type Governing = "Authority" | "ParticipantRegistry" | "AgreementRegistry";

const adminRole = 0n;

/**
 * Calls a function that the authority guards. If the sender's role has a delay the first call announces it on chain, where everybody can
 * see it, and the same call does it once the time has come. Throws `ContractRefused` if the sender may not or the contract refuses.
 */
export async function govern(
  space: Space,
  sender: Wallet,
  contract: Governing,
  method: string,
  args: readonly unknown[],
): Promise<Governed> {
  const target = space.manifest.contracts[contract].address;
  const data = interfaces[contract].encodeFunctionData(method, args);
  const ask = (name: string, values: readonly unknown[]) => read(space, name, values);
  const [role] =
    contract === "Authority" ? [adminRole] : await ask("getTargetFunctionRole", [target, data.slice(0, 10)]);
  const [isMember, delay] = await ask("hasRole", [role, sender.address]);
  if (isMember && delay > 0n) {
    const [operation] = await ask("hashOperation", [sender.address, target, data]);
    const [scheduled] = await ask("getSchedule", [operation]);
    const now = (await space.provider.getBlock("latest"))?.timestamp ?? 0;
    if (scheduled === 0n) {
      await write(space, sender, "Authority", "schedule", [target, data, 0]);
      return { isDone: false, from: Number((await ask("getSchedule", [operation]))[0]) };
    }
    // A node whose chain is idle tells an old time; the contract judges by that of the next block.
    if (Number(scheduled) > Math.max(now, Math.floor(Date.now() / 1_000)))
      return { isDone: false, from: Number(scheduled) };
  }
  await write(space, sender, contract, method, args);
  return { isDone: true };
}

async function read(space: Space, method: string, args: readonly unknown[]) {
  const { Authority } = interfaces;
  const to = space.manifest.contracts.Authority.address;
  const answer = await space.provider.call({ to, data: Authority.encodeFunctionData(method, args) });
  return Authority.decodeFunctionResult(method, answer);
}
