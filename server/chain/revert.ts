import { Interface } from "ethers";
import { interfaces } from "./interfaces.ts";

/** Thrown when a contract refuses a transaction: `error` is the name of its error, `values` what it says. */
export class ContractRefused extends Error {
  override readonly name = "ContractRefused";
  readonly error: string;
  readonly values: readonly string[];
  constructor(error: string, values: readonly string[], cause: unknown) {
    super(`the contract refuses this: ${error}(${values.join(", ")})`, { cause });
    this.error = error;
    this.values = values;
  }
}

const accessErrors = [
  "error AccessManagedUnauthorized(address caller)",
  "error SafeCastOverflowedUintDowncast(uint8,uint256)",
];
const errors = [...Object.values(interfaces), new Interface(accessErrors)];

/** The one place that translates what a node says of a reverted call. Returns other errors as they are. */
export function translateRevert(error: unknown): unknown {
  const data = revertData(error);
  if (data === undefined) return error;
  for (const known of errors) {
    const parsed = known.parseError(data);
    if (parsed) return new ContractRefused(parsed.name, parsed.args.map(String), error);
  }
  return error;
}

function revertData(error: unknown): string | undefined {
  for (let at = error as Record<string, unknown> | undefined, depth = 0; at && depth < 5; depth += 1) {
    if (typeof at.data === "string" && /^0x[0-9a-f]{8,}$/.test(at.data)) return at.data;
    at = (at.error ?? at.info ?? at.cause) as Record<string, unknown> | undefined;
  }
  return undefined;
}
