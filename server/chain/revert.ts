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

/** What the contracts inherit, and their interfaces do not name. */
const inheritedErrors = [
  "error AccessManagedInvalidAuthority(address authority)",
  "error AccessManagedRequiredDelay(address caller, uint32 delay)",
  "error AccessManagedUnauthorized(address caller)",
  "error InvalidShortString()",
  "error StringTooLong(string str)",
];
const errors = [...Object.values(interfaces), new Interface(inheritedErrors)];

/** Thrown when the node refuses a transaction for a reason of its own, such as a lack of funds. */
export class NodeRefused extends Error {
  override readonly name = "NodeRefused";
  constructor(sentence: string, cause: unknown) {
    super(`the chain's node refuses this: ${sentence}`, { cause });
  }
}

/** The one place that translates what a node says of a call that it refuses or that reverts. Returns other errors as they are. */
export function translateRevert(error: unknown): unknown {
  const data = revertData(error);
  if (data === undefined) {
    const { shortMessage, error: inner } = error as { shortMessage?: unknown; error?: { message?: unknown } };
    const sentence = inner?.message ?? shortMessage;
    return typeof sentence === "string" ? new NodeRefused(sentence, error) : error;
  }
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
