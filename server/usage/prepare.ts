import { createHmac } from "node:crypto";
import type { Dataset } from "../chain/reader.ts";
import { type Description, numberFields } from "../domain/dataset.ts";
import type { AgreementId, RequestDigest } from "../domain/ids.ts";
import { queryMark } from "../domain/queryMark.ts";
import type { Disclosure, Terms } from "../domain/terms.ts";
import { governedSchema } from "../intake/names.ts";
import type { Agreement } from "../license/agreements.ts";
import { type Compiled, compile } from "../query/compile.ts";
import { parseStatement } from "../query/parseStatement.ts";
import { disclosureOf, fieldsOf, type Plan } from "../query/plan.ts";
import { CohortTooSmall, FieldUnlicensed, RowLimitExceeded, StatementRefused } from "../query/refused.ts";
import { parseRowScope, type RowScope } from "../query/rowScope.ts";
import type { RunQuery } from "../store/hospital.ts";
import { Refusal } from "./refusal.ts";
import { createResultWriter, type ReleasedResult, type ResultWriter } from "./releasedResult.ts";

/** A statement, read under an agreement. What a refusal says may only be told to whom the policy permits to ask. */
export type Prepared = {
  /** What the policy is asked about. */
  readonly fields: bigint;
  readonly disclosure: Disclosure;
  readonly refusal: Refusal | undefined;
  /** The fields that the agreement does not license, as `table.field`. */
  readonly outside: readonly string[];
  /** Runs the statement for a request, whose mark the database's own log then shows, and gives what may leave. Throws `Refusal`. */
  readonly run: (request: RequestDigest) => Promise<ReleasedResult>;
};

/** Reads a statement under an agreement; never rejects because of the statement. */
export type Prepare = (agreement: Agreement | undefined, statement: string) => Promise<Prepared>;

export type PrepareOptions = {
  /** From which the pseudonyms are derived, for each chain of agreements and each statement. */
  readonly secret: Uint8Array;
  /** Base to which released counts are rounded. */
  readonly rounding: number;
};

/** Statements come again and again, and nothing that a prepared one is made of ever changes. */
const mostKept = 500;

export function createPrepare(runQuery: RunQuery, options: PrepareOptions): Prepare {
  const kept = new Map<string, Promise<Prepared>>();
  const scopes = new Map<AgreementId, Promise<RowScope>>();

  const scopeOf = (id: AgreementId, terms: Terms, description: Description): Promise<RowScope> =>
    keepFirst(scopes, id, () => parseRowScope(terms.rows, description));

  /** Compiles once, at the first run: what fails then is told only to whom the policy permits to ask. */
  const runner = ({ id, terms, lineage }: Agreement, dataset: Dataset, plan: Plan, statement: string) => {
    let compiled: Promise<Compiled> | undefined;
    const compileOnce = async (): Promise<Compiled> => {
      if (terms.disclosure === "Identified") throw new Refusal("DisclosureUnsupported");
      return compile(plan, {
        description: dataset.description,
        schema: governedSchema(dataset.name),
        fields: terms.fields,
        scope: await scopeOf(id, terms, dataset.description),
        minCohort: terms.minCohort,
        rounding: options.rounding,
        maxRows: Number(terms.maxRows),
        // one key a statement: the answers to two statements cannot be put side by side
        pseudonymKey: createHmac("sha256", options.secret).update(`${lineage}\n${statement}`).digest(),
      });
    };
    return async (request: RequestDigest): Promise<ReleasedResult> => {
      let writer: ResultWriter | undefined;
      try {
        compiled ??= compileOnce();
        const { columns, finish, ...query } = await compiled;
        const result = createResultWriter(columns);
        writer = result;
        const { take, end } = finish();
        await runQuery({ ...query, mark: queryMark(request) }, (row) => result.add(take(row)));
        end();
        return await result.end();
      } catch (error) {
        writer?.drop();
        throw asRefusal(error);
      }
    };
  };

  const read = async (agreement: Agreement, dataset: Dataset, statement: string): Promise<Prepared> => {
    const plan = await parseStatement(statement, dataset.description);
    const fields = fieldsOf(plan);
    return {
      fields,
      disclosure: disclosureOf(plan),
      refusal: undefined,
      outside: fieldNames(plan.description, fields & ~agreement.terms.fields),
      run: runner(agreement, dataset, plan, statement),
    };
  };

  const refused = (refusal: Refusal): Prepared => ({
    fields: 0n,
    disclosure: "Aggregate",
    outside: [],
    refusal,
    run: () => Promise.reject(refusal),
  });

  return async (agreement, statement) => {
    if (agreement === undefined) return refused(new Refusal("AgreementUnknown"));
    const { id, dataset } = agreement;
    if (dataset === undefined) return refused(new Refusal("DatasetChanged"));
    return keepFirst(kept, `${id}${statement}`, () =>
      read(agreement, dataset, statement).catch((error: unknown) => refused(asRefusal(error))),
    );
  };
}

/** Gives what is kept under a key, and begins what is not: those who come meanwhile wait for the same. */
function keepFirst<K, V>(kept: Map<K, Promise<V>>, key: K, begin: () => Promise<V>): Promise<V> {
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (kept.size >= mostKept) kept.clear();
  const begun = begin();
  kept.set(key, begun);
  return begun;
}

function fieldNames(description: Description, bitmap: bigint): string[] {
  return numberFields(description)
    .filter(({ number }) => (bitmap >> BigInt(number)) % 2n === 1n)
    .map(({ table, name }) => `${table}.${name}`);
}

/** The one place that translates what queries and their database throw. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof StatementRefused) return new Refusal("StatementRefused", error.message);
  if (error instanceof FieldUnlicensed) return new Refusal("FieldOutsideLicense", error.message);
  if (error instanceof CohortTooSmall) return new Refusal("CohortTooSmall");
  if (error instanceof RowLimitExceeded) return new Refusal("RowLimitExceeded", error.message);
  const { code } = error as { code?: unknown };
  if (code === "42P01" || code === "3F000") return new Refusal("DatasetUnavailable", undefined, error);
  return new Refusal("QueryFailed", undefined, error);
}
