import { condensesOnePatient } from "./aggregateSql.ts";
import { type AggregateName, aggregateOf, extremeHint } from "./aggregates.ts";
import { call, literal } from "./build.ts";
import { type Expression, type Interner, isNumeric, noTraits, type Traits } from "./expression.ts";
import { align, isUntyped } from "./literals.ts";
import { normalForm } from "./normalCells.ts";
import type { Cell, Select } from "./plan.ts";
import { readAll, readCondition, readExpression, type Scope } from "./readExpression.ts";
import { refuse } from "./refused.ts";
import { acceptOnly, asTree, at, list, node, type Tree } from "./syntax.ts";

/** The aggregates of one SELECT while it is read. Equal ones share a cell. */
export type Cells = {
  readonly list: () => readonly Cell[];
  readonly read: (name: string, body: Tree) => Expression;
  /** Throws StatementRefused where an aggregate would give out more than this shape may. */
  readonly check: (shape: Select["shape"]) => void;
};

const maxDegree = 4;
const maxCells = 60;
const attributes = [
  "funcname",
  "args",
  "funcformat",
  "agg_star",
  "agg_distinct",
  "agg_filter",
  "agg_order",
  "agg_within_group",
];

/** @param derived Whether the cells condense rows of one patient, of which nothing is released. */
export function createCells(intern: Interner, rows: Scope, derived: boolean): Cells {
  const cells = new Map<string, { readonly cell: Cell; readonly index: number; readonly at: number }>();

  const read = (name: string, body: Tree): Expression => {
    const cell = readCell(intern, rows, name as AggregateName, body);
    const normal = derived ? undefined : normalForm(intern, cell, (core) => add(core, name, body));
    return normal ?? add(cell, name, body);
  };

  const add = (cell: Cell, name: string, body: Tree): Expression => {
    const signature = JSON.stringify([cell.aggregate, cell.distinct, cell.fraction, ...cell.args.map(({ id }) => id)]);
    const known = cells.get(signature) ?? { cell, index: cells.size, at: at(body) };
    cells.set(signature, known);
    if (cells.size > maxCells) refuse("This many aggregates", `At most ${maxCells}.`, at(body));
    const type = aggregateOf(cell.aggregate).type(cell.args);
    if (type === undefined)
      return refuse(
        `${name} over ${cell.args.map((arg) => arg.type).join(", ")}`,
        "Check the types of the fields.",
        at(body),
      );
    return intern({ kind: "Cell", cell: known.index, type, traits: cellTraits(cell) });
  };

  const check = (shape: Select["shape"]): void => {
    if (shape === "Patients") for (const { cell, at: position } of cells.values()) checkCondensing(cell, position);
    if (shape === "Groups") for (const { cell, at: position } of cells.values()) checkReleasable(cell, position);
  };
  return { list: () => [...cells.values()].map(({ cell }) => cell), read, check };
}

function readCell(intern: Interner, rows: Scope, name: AggregateName, body: Tree): Cell {
  acceptOnly(`The aggregate ${name}`, body, attributes, "Write it without OVER, ORDER BY or VARIADIC.");
  const distinct = body.agg_distinct === true;
  if (distinct && name !== "count")
    refuse(`${name}(DISTINCT ...)`, "Use count(DISTINCT ...), or the aggregate over all rows.", at(body));
  if (body.agg_star === true && name !== "count") refuse(`${name}(*)`, "Name what to aggregate.", at(body));
  const percentile = name === "percentile_cont" ? readPercentile(rows, body) : null;
  if (percentile === null && (body.agg_order !== undefined || body.agg_within_group === true))
    refuse(`ORDER BY inside ${name}`, "The order does not matter to it.", at(body));
  const args = percentile?.args ?? readArguments(intern, rows, name, body);
  for (const arg of args)
    if (arg.traits.linking !== "No" && name !== "count")
      refuse(`${name} over a patient or record number`, "Use count(DISTINCT ...).", at(body));
  return {
    aggregate: name,
    args: filtered(intern, rows, args, body),
    distinct,
    fraction: percentile?.fraction ?? null,
  };
}

/** The arguments; count(*) has none. */
function readArguments(intern: Interner, rows: Scope, name: AggregateName, body: Tree): Expression[] {
  if (body.agg_star === true) return [];
  const args = align(intern, readAll(rows, body.args), at(body));
  const wanted = aggregateOf(name).args;
  if (args.length !== wanted) refuse(`${name} with ${args.length} arguments`, `It takes ${wanted}.`, at(body));
  if (args.some(isUntyped)) refuse(`${name} of a constant text or NULL`, "Name what to aggregate.", at(body));
  return args;
}

type Percentile = { readonly fraction: "0.25" | "0.5" | "0.75"; readonly args: Expression[] };
const fractions = ["0.25", "0.5", "0.75"] as const;

function readPercentile(rows: Scope, body: Tree): Percentile {
  const hint = "Write percentile_cont(0.25), (0.5) or (0.75) WITHIN GROUP (ORDER BY x).";
  const [fraction, ...others] = list(body.args).map((arg) => asTree(asTree(asTree(arg).A_Const).fval).fval);
  const accepted = fractions.find((known) => typeof fraction === "string" && Number(fraction) === Number(known));
  const [sort, ...more] = list(body.agg_order).map((item) => asTree(asTree(item).SortBy));
  const ascending = sort !== undefined && ["SORTBY_DEFAULT", "SORTBY_ASC"].includes(String(sort.sortby_dir));
  if (
    accepted === undefined ||
    others.length > 0 ||
    !ascending ||
    more.length > 0 ||
    body.agg_within_group !== true ||
    sort.useOp !== undefined
  )
    return refuse("This percentile", hint, at(body));
  return { fraction: accepted, args: [readExpression(rows, sort.node)] };
}

/** FILTER (WHERE c) is a CASE around the first argument. */
function filtered(intern: Interner, rows: Scope, args: readonly Expression[], body: Tree): readonly Expression[] {
  if (body.agg_filter === undefined) return args;
  const condition = readCondition(rows, body.agg_filter, "FILTER");
  const [first = literal(intern, "Boolean", "true"), ...others] = args;
  return [
    call(
      intern,
      "case",
      [condition, first, literal(intern, first.type, null)],
      "FILTER",
      at(node(body.agg_filter).body),
    ),
    ...others,
  ];
}

function checkCondensing({ aggregate }: Cell, position: number): void {
  if (!condensesOnePatient(aggregate))
    refuse(`${aggregate} inside a derived table`, "Use it in the outer SELECT.", position);
}

function checkReleasable(cell: Cell, position: number): void {
  const { aggregate, args } = cell;
  const { measures, perPatientOnly } = aggregateOf(aggregate);
  if (perPatientOnly) refuse(aggregate, extremeHint, position);
  if (!measures) return;
  for (const arg of args) {
    if (!arg.traits.measure || arg.traits.degree === 0)
      refuse(`${aggregate} over this expression`, measureHint, position);
    if (arg.traits.degree > maxDegree)
      refuse(`${aggregate} over this many fields`, `At most ${maxDegree} mentions of fields.`, position);
  }
}

const measureHint =
  "Sums and averages take fields and + - * / over them, under CASE WHEN ... THEN field END without ELSE. To count, use count(CASE WHEN ... THEN 1 END).";

/** What an aggregate is when a derived table hands it on. */
function cellTraits(cell: Cell): Traits {
  const all = cell.args.map((arg) => arg.traits);
  const counts = cell.aggregate === "count" || cell.aggregate === "regr_count";
  const unconditional = all.every((traits) => traits.nulls === "Whole");
  return {
    ...noTraits,
    fields: all.reduce((bits, traits) => bits | traits.fields, 0n),
    sources: all.reduce((bits, traits) => bits | traits.sources, 0),
    quasi: all.some((traits) => traits.quasi),
    nulls:
      counts || unconditional
        ? "Whole"
        : all.some((traits) => traits.nulls === "Conditional")
          ? "Conditional"
          : "Partial",
    measure: counts
      ? unconditional && !cell.distinct
      : all.every((traits) => traits.measure) && cell.args.every((arg) => isNumeric(arg.type) || arg.traits.measure),
    degree: Math.max(1, ...all.map((traits) => traits.degree)),
    monomial: all.every((traits) => traits.monomial),
  };
}
