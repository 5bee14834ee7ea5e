import pg from "pg";
import type { Description } from "../../server/domain/dataset.ts";
import { compile } from "../../server/query/compile.ts";
import { parseStatement } from "../../server/query/parseStatement.ts";
import { everyRow } from "../../server/query/rowScope.ts";
import { asText } from "../../server/store/database.ts";
import { firstQuery } from "../demo/story.ts";
import { figure, quantile } from "./gateway/measure.ts";

/** Statements over the demo's dataset, one of each kind that costs differently. */
export const statements: Readonly<Record<string, string>> = {
  "average and correlation": firstQuery,
  "over a join":
    "SELECT n.gestational_age_weeks, count(*), avg(b.tcb_umol_l - b.tsb_umol_l) FROM bilirubin b JOIN newborns n ON n.patient_id = b.patient_id GROUP BY 1",
  "distinct patients":
    "SELECT CASE WHEN tsb_umol_l < 150 THEN 'low' ELSE 'high' END, count(DISTINCT patient_id), avg(tcb_umol_l - tsb_umol_l) FROM bilirubin GROUP BY 1",
  "one row a patient": "SELECT sex, count(*), avg(birth_weight_g), stddev(birth_weight_g) FROM newborns GROUP BY sex",
  counts: "SELECT device_model, count(*) FROM bilirubin GROUP BY 1",
  median:
    "SELECT device_model, percentile_cont(0.5) WITHIN GROUP (ORDER BY tsb_umol_l) FROM bilirubin GROUP BY device_model",
};

/** Milliseconds of the database for the governed and the plain statement, and the share of the plain throughput that is left. */
export type Cost = { readonly governed: number; readonly plain: number; readonly ratio: number };

/** Runs each statement governed and plain by turns, as the reader of `url`, and gives the medians. */
export async function measureStatements(
  url: string,
  schema: string,
  description: Description,
  rounds = 15,
): Promise<Readonly<Record<string, Cost>>> {
  const client = new pg.Client({ connectionString: url, options: `-c timezone=UTC -c search_path=${schema}` });
  await client.connect();
  const time = async (text: string, values: readonly string[]): Promise<number> => {
    const startedAt = performance.now();
    await client.query({ text, values: [...values], rowMode: "array", types: asText });
    return performance.now() - startedAt;
  };
  const costs: Record<string, Cost> = {};
  for (const [name, statement] of Object.entries(statements)) {
    const { text, values } = compile(await parseStatement(statement, description), {
      ...{ description, schema, fields: (1n << 256n) - 1n, scope: everyRow, minCohort: 10, rounding: 5 },
      ...{ maxRows: 1_000, pseudonymKey: new Uint8Array(32) },
    });
    const pairs: (readonly [number, number])[] = [];
    for (let round = 0; round < rounds; round += 1) pairs.push([await time(text, values), await time(statement, [])]);
    const [governed, plain] = [
      quantile(
        pairs.map(([own]) => own),
        0.5,
      ),
      quantile(
        pairs.map(([, own]) => own),
        0.5,
      ),
    ];
    costs[name] = { governed: figure(governed), plain: figure(plain), ratio: figure(plain / governed) };
  }
  await client.end();
  return costs;
}
