import { ContractRefused, NotMined, WrongChain } from "../chain/transact.ts";
import type { Tell } from "../language/language.tsx";
import { isRejected } from "../wallet/eip1193.ts";
import { SignatureForeign } from "./signTerms.ts";

/** Why an act failed, and what to do about it. */
export function describeProblem(error: unknown, tell: Tell): string {
  if (isRejected(error)) return tell("acts.problem.rejected");
  if (error instanceof WrongChain) return tell("acts.problem.wrongChain");
  if (error instanceof ContractRefused && error.error === "AccessManagedUnauthorized")
    return tell("acts.problem.notGoverning");
  if (error instanceof ContractRefused) return tell("acts.problem.refused", { error: error.message });
  if (error instanceof NotMined) return tell("acts.problem.notMined");
  if (error instanceof SignatureForeign) return tell("acts.problem.foreignSignature");
  return tell("acts.problem.other", { message: error instanceof Error ? error.message : String(error) });
}
