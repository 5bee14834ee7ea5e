import type { Plain } from "../chain/plainEvent.ts";
import { type Description, fieldLevels, fieldTypes } from "../domain/dataset.ts";
import { disclosures } from "../domain/terms.ts";
import type { ProjectedEvent } from "./projectedEvent.ts";

/** What the store keeps of a dataset (`datapact.dataset`). Times are unix seconds. */
export type DatasetRow = {
  readonly id: string;
  readonly block: number;
  readonly log_index: number;
  readonly holder: string;
  readonly name: string;
  readonly revision: number;
  readonly description_hash: string;
  readonly description: Description;
  readonly rules: Plain;
  readonly registered_at: number;
  readonly suspended_by_holder_at: number | null;
  readonly suspended_by_regulator_at: number | null;
  readonly retired_at: number | null;
};

type Change = (row: DatasetRow, event: ProjectedEvent) => DatasetRow;

const changes: Readonly<Record<string, Change>> = {
  DatasetUpdated: (row, event) => ({ ...row, ...described(event), revision: Number(event.args.revision) }),
  DatasetSuspended: (row, { args, time }) => ({ ...row, [stopOf(row, args.by)]: time }),
  DatasetReinstated: (row, { args }) => ({ ...row, [stopOf(row, args.by)]: null }),
  DatasetRetired: (row, { time }) => ({ ...row, retired_at: time }),
};

const stopOf = ({ holder }: DatasetRow, by: Plain | undefined) =>
  by === holder ? "suspended_by_holder_at" : "suspended_by_regulator_at";

/** Folds the events of one dataset, in order, into its row; undefined if it was never registered. */
export function foldDataset(events: readonly ProjectedEvent[]): DatasetRow | undefined {
  let row: DatasetRow | undefined;
  for (const event of events) {
    if (event.name === "DatasetRegistered") row = registered(event);
    else if (row !== undefined) row = changes[event.name]?.(row, event) ?? row;
  }
  return row;
}

function registered(event: ProjectedEvent): DatasetRow {
  return {
    id: event.subject,
    block: event.block,
    log_index: event.logIndex,
    holder: String(event.args.holder),
    name: String(event.args.name),
    revision: 1,
    ...described(event),
    registered_at: event.time,
    suspended_by_holder_at: null,
    suspended_by_regulator_at: null,
    retired_at: null,
  };
}

type Tree = { readonly [name: string]: Plain };
type TreeList = readonly Tree[];

function described({ args }: ProjectedEvent): Pick<DatasetRow, "description_hash" | "description" | "rules"> {
  const rules = args.rules as Tree;
  return {
    description_hash: String(args.descriptionHash),
    description: readDescription(args.description as Tree),
    rules: { ...rules, maxDisclosure: disclosures[Number(rules.maxDisclosure)] ?? "Aggregate" },
  };
}

/** A published description with names for its numbers. */
export function readDescription(description: Tree): Description {
  return {
    title: String(description.title),
    tables: (description.tables as TreeList).map((table) => ({
      name: String(table.name),
      patientKey: String(table.patientKey),
      fields: (table.fields as TreeList).map(({ name, fieldType, level }) => ({
        name: String(name),
        fieldType: fieldTypes[Number(fieldType)] ?? "Text",
        level: fieldLevels[Number(level)] ?? "Direct",
      })),
    })),
    joins: (description.joins as TreeList).map(({ left, right }) => ({ left: String(left), right: String(right) })),
  };
}
