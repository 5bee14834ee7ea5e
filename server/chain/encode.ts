import { assurances, disclosures, type Terms } from "../domain/terms.ts";

/** Terms as the contracts take them: enum members as numbers. */
export function encodedTerms(terms: Terms) {
  return {
    ...terms,
    disclosure: disclosures.indexOf(terms.disclosure),
    assurance: assurances.indexOf(terms.assurance),
  };
}
