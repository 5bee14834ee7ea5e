import type { ChainReader, Dataset } from "../chain/reader.ts";
import type { AgreementId, Hash } from "../domain/ids.ts";
import type { Terms } from "../domain/terms.ts";

/** What never changes under an agreement's id. `dataset` is undefined if the description that was signed was never published. */
export type Agreement = {
  readonly id: AgreementId;
  readonly terms: Terms;
  readonly lineage: AgreementId;
  readonly dataset: Dataset | undefined;
};

/** Gives an agreement as the chain has it at this block; undefined if it has none. */
export type FindAgreement = (id: AgreementId, block: Hash) => Promise<Agreement | undefined>;

const mostKept = 10_000;

/** Keeps what was read: terms are checked against their id and a description against its hash, so that neither can go stale. */
export function createAgreementFinder(reader: ChainReader): FindAgreement {
  const kept = new Map<AgreementId, Agreement>();
  const asked = new Map<string, Promise<Agreement | undefined>>();

  const read = async (id: AgreementId, block: Hash): Promise<Agreement | undefined> => {
    const terms = await reader.terms(id, block);
    if (terms === undefined) return undefined;
    const [lineage, dataset] = await Promise.all([
      reader.lineage(id, block),
      reader.dataset(terms.dataset, terms.description),
    ]);
    const agreement: Agreement = { id, terms, lineage, dataset };
    if (kept.size >= mostKept) kept.clear();
    if (dataset !== undefined) kept.set(id, agreement);
    return agreement;
  };

  return async (id, block) => {
    const known = kept.get(id);
    if (known !== undefined) return known;
    const question = `${id}${block}`;
    const running = asked.get(question) ?? read(id, block).finally(() => asked.delete(question));
    asked.set(question, running);
    return running;
  };
}
