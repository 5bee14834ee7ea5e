import type { Values } from "./emit.ts";
import type { Select } from "./plan.ts";

/** ORDER BY what the consumer asked, then by every output, so that equal answers have equal bytes. */
export function orderSql(select: Select, column: (output: number) => string): string {
  const sorted = (output: number): string =>
    select.outputs[output]?.expression.type === "Text" && select.outputs[output]?.expression.traits.linking === "No"
      ? `${column(output)} COLLATE "C"`
      : column(output);
  const asked = select.order.map(
    ({ output, descending, nullsFirst }) =>
      `${sorted(output)} ${descending ? "DESC" : "ASC"} NULLS ${nullsFirst ? "FIRST" : "LAST"}`,
  );
  const numbers = select.outputs.map((_, index) => index);
  const isLinking = (index: number): boolean => select.outputs[index]?.expression.traits.linking !== "No";
  const rest = [...numbers.filter((index) => !isLinking(index)), ...numbers.filter(isLinking)].map(sorted);
  return `ORDER BY ${[...asked, ...rest].join(", ")}`;
}

/** The most rows that the database may give: what the consumer asked for, and at most one beyond what may leave. */
export function mostRowsOf({ limit }: Select, maxRows: number): number {
  return Math.min(limit ?? Number.POSITIVE_INFINITY, maxRows + 1);
}

export function limitSql(select: Select, maxRows: number, values: Values): string {
  const offset = select.offset === 0 ? "" : ` OFFSET ${values.bind(String(select.offset), "bigint")}`;
  return `LIMIT ${values.bind(String(mostRowsOf(select, maxRows)), "bigint")}${offset}`;
}
