import type { Hex } from "../domain/ids.ts";
import { assurances, disclosures, type Terms } from "../domain/terms.ts";
import { interfaces } from "./interfaces.ts";

/** Calldata of one call. */
export function encodeCall(name: keyof typeof interfaces, method: string, args: readonly unknown[]): Hex {
  return interfaces[name].encodeFunctionData(method, args) as Hex;
}

/** Terms as the contracts take them: enum members as numbers. */
export function encodedTerms(terms: Terms) {
  return {
    ...terms,
    disclosure: disclosures.indexOf(terms.disclosure),
    assurance: assurances.indexOf(terms.assurance),
  };
}
