import { createHmac } from "node:crypto";
import { type Description, numberFields } from "../domain/dataset.ts";
import type { AgreementId } from "../domain/ids.ts";
import type { Result } from "../domain/result.ts";
import type { Disclosure } from "../domain/terms.ts";
import { governedSchema } from "../intake/names.ts";
import type { Agreement } from "../license/agreements.ts";
import { compile } from "../query/compile.ts";
import { parseStatement } from "../query/parseStatement.ts";
import { disclosureOf, fieldsOf, type Plan } from "../query/plan.ts";
import { CohortTooSmall, FieldUnlicensed, RowLimitExceeded, StatementRefused } from "../query/refused.ts";
import { parseRowScope, type RowScope } from "../query/rowScope.ts";
import type { RunQuery } from "../store/hospital.ts";
import { Refusal } from "./refusal.ts";

/** A statement, read under an agreement. What a refusal says may only be told to whom the policy permits to ask. */
export type Prepared = {
  /** What the policy is asked about. */
  readonly fields: bigint;
  readonly disclosure: Disclosure;
  readonly refusal: Refusal | undefined;
  /** The fields that the agreement does not license, as `table.field`. */
  readonly outside: readonly string[];
  /** Runs the statement and gives what may leave. Throws `Refusal`. */
  readonly run: () => Promise<Result>;
};

/** Reads a statement under an agreement; never rejects because of the statement. */
export type Prepare = (agreement: Agreement | undefined, statement: string) => Promise<Prepared>;

export type PrepareOptions = {
  /** From which the pseudonyms are derived, for each chain of agreements and each statement. */
  readonly secret: Uint8Array;
  /** Base to which released counts are rounded. */
  readonly rounding: number;
};

/** A plan belongs to a description, and there are few: statements come again and again. */
const mostKept = 2_000;

export function createPrepare(runQuery: RunQuery, options: PrepareOptions): Prepare {
  const plans = new Map<string, Plan>();
  const scopes = new Map<AgreementId, RowScope>();

  const planOf = async (agreement: Required<Agreement>, statement: string): Promise<Plan> => {
    const { terms, dataset } = agreement;
    if (dataset === undefined) throw new Refusal("DatasetChanged");
    const key = `${terms.description}${statement}`;
    const known = plans.get(key);
    if (known !== undefined) return known;
    const plan = await parseStatement(statement, dataset.description);
    if (plans.size >= mostKept) plans.clear();
    plans.set(key, plan);
    return plan;
  };

  const scopeOf = async ({ id, terms, dataset }: Agreement): Promise<RowScope> => {
    const known = scopes.get(id);
    if (known !== undefined) return known;
    if (dataset === undefined) throw new Refusal("DatasetChanged");
    const scope = await parseRowScope(terms.rows, dataset.description);
    scopes.set(id, scope);
    return scope;
  };

  const run = async (agreement: Agreement, plan: Plan, statement: string): Promise<Result> => {
    const { terms, lineage, dataset } = agreement;
    if (dataset === undefined) throw new Refusal("DatasetChanged");
    if (terms.disclosure === "Identified") throw new Refusal("DisclosureUnsupported");
    const compiled = compile(plan, {
      description: dataset.description,
      schema: governedSchema(dataset.name),
      fields: terms.fields,
      scope: await scopeOf(agreement),
      minCohort: terms.minCohort,
      rounding: options.rounding,
      maxRows: Number(terms.maxRows),
      // one key a statement: the answers to two statements cannot be put side by side
      pseudonymKey: createHmac("sha256", options.secret).update(`${lineage}\n${statement}`).digest(),
    });
    const rows = await runQuery(compiled.text, compiled.values).catch((error: unknown) => {
      throw asRefusal(error);
    });
    return compiled.finish(rows);
  };

  const nothing = { fields: 0n, disclosure: "Aggregate", outside: [], run: unreachable } as const;

  return async (agreement, statement) => {
    if (agreement === undefined) return { ...nothing, refusal: new Refusal("AgreementUnknown") };
    try {
      const plan = await planOf(agreement, statement);
      return {
        fields: fieldsOf(plan),
        disclosure: disclosureOf(plan),
        refusal: undefined,
        outside: fieldNames(plan.description, fieldsOf(plan) & ~agreement.terms.fields),
        run: () =>
          run(agreement, plan, statement).catch((error: unknown) => {
            throw asRefusal(error);
          }),
      };
    } catch (error) {
      return { ...nothing, refusal: asRefusal(error) };
    }
  };
}

function fieldNames(description: Description, bitmap: bigint): string[] {
  return numberFields(description)
    .filter(({ number }) => (bitmap >> BigInt(number)) % 2n === 1n)
    .map(({ table, name }) => `${table}.${name}`);
}

async function unreachable(): Promise<Result> {
  throw new Refusal("QueryFailed");
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
