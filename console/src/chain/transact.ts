import { Interface } from "ethers";
import type { Output } from "../../../server/api/routes.ts";
import type { Connection } from "../wallet/connect.ts";
import { chainOf } from "../wallet/connect.ts";
import type { Provider } from "../wallet/eip1193.ts";
import { type ContractName, interfaces } from "./abi.ts";

export type Manifest = Output<"gateway">["manifest"];

/** Thrown when a contract refuses: `error` is the name of its error. */
export class ContractRefused extends Error {
  override readonly name = "ContractRefused";
  readonly error: string;
  constructor(error: string, values: readonly string[]) {
    super(`${error}(${values.join(", ")})`);
    this.error = error;
  }
}

/** Thrown when the wallet stands on another chain than this space. */
export class WrongChain extends Error {
  override readonly name = "WrongChain";
}

/** Thrown when a transaction was not mined in time, or was and did nothing. */
export class NotMined extends Error {
  override readonly name = "NotMined";
}

const otherErrors = new Interface([
  "error AccessManagedUnauthorized(address caller)",
  "error DatasetUnknown(bytes32 id)",
  "error DatasetStatusUnexpected(bytes32 id)",
  "error DatasetUnauthorized(bytes32 id, address sender)",
  "error DescriptionEmpty()",
  "error DescriptionTooLarge(uint256 fields)",
  "error DescriptionTextInvalid(string text)",
  "error DescriptionPatientKeyInvalid(string table, string patientKey)",
  "error RulesPurposeInvalid(string purpose)",
  "error RulesCohortTooSmall(uint32 minCohort)",
]);

/**
 * Has the wallet send one call and waits until it is mined; gives the block. The call is tried first, so that a refusal is told in the
 * contract's words and costs nothing. Rejects with `WrongChain`, `ContractRefused`, `NotMined`, or what the wallet throws.
 */
export async function transact(
  { wallet: { provider }, address }: Connection,
  manifest: Manifest,
  contract: ContractName,
  method: string,
  args: readonly unknown[],
): Promise<number> {
  if ((await chainOf(provider)) !== manifest.chainId) throw new WrongChain();
  const to = manifest.contracts[contract].address;
  const data = interfaces[contract].encodeFunctionData(method, args);
  const call = { from: address, to, data };
  await askChain(provider, "eth_call", [call, "latest"]);
  const hash = await provider.request({ method: "eth_sendTransaction", params: [call] });
  return waitUntilMined(provider, String(hash));
}

/** Asks the chain through the wallet. A contract's refusal is translated. */
export async function askChain(provider: Provider, method: string, params: readonly unknown[]): Promise<unknown> {
  try {
    return await provider.request({ method, params });
  } catch (error) {
    throw translate(error);
  }
}

const patienceMs = 120_000;

async function waitUntilMined(provider: Provider, hash: string): Promise<number> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const receipt = (await provider.request({ method: "eth_getTransactionReceipt", params: [hash] })) as {
      readonly status?: string;
      readonly blockNumber?: string;
    } | null;
    if (receipt?.status === "0x1") return Number(receipt.blockNumber);
    if (receipt?.status === "0x0") throw new NotMined(hash);
    if (Date.now() > deadline) throw new NotMined(hash);
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}

function translate(error: unknown): unknown {
  const data = revertData(error);
  if (data === undefined) return error;
  for (const known of [...Object.values(interfaces), otherErrors]) {
    const parsed = known.parseError(data);
    if (parsed !== null) return new ContractRefused(parsed.name, parsed.args.map(String));
  }
  return error;
}

/** Wallets put what a contract said at different depths. */
function revertData(error: unknown): string | undefined {
  let at = error as Record<string, unknown> | undefined;
  for (let depth = 0; at !== undefined && at !== null && depth < 5; depth += 1) {
    if (typeof at.data === "string" && /^0x[0-9a-f]{8,}$/i.test(at.data)) return at.data;
    at = (typeof at.data === "object" ? at.data : (at.error ?? at.info ?? at.cause)) as typeof at;
  }
  return undefined;
}
