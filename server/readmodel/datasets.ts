import type pg from "pg";
import type { z } from "zod";
import type { datasetPage, datasetQuery, datasetSchema, datasetSummary } from "../api/datasets.ts";
import type { DatasetStatus } from "../domain/status.ts";
import type { DatasetRow } from "./datasetRow.ts";
import { equals, holdsText, inSnapshot, readPage, writeAsOf } from "./page.ts";
import { toNamed } from "./participants.ts";
import { datasetStatus } from "./status.ts";
import { toTime, toTimeOrNull } from "./time.ts";

type Row = Omit<DatasetRow, "block"> & {
  readonly block: string;
  readonly holder_name: string | null;
  readonly status: DatasetStatus;
};
type Summary = z.output<typeof datasetSummary>;

const select = `SELECT d.*, h.name AS holder_name, ${datasetStatus} AS status
  FROM datapact.dataset d LEFT JOIN datapact.participant h ON h.id = d.holder`;

/** Lists datasets in order of registration. */
export function listDatasets(
  pool: pg.Pool,
  asked: z.output<typeof datasetQuery>,
): Promise<z.output<typeof datasetPage>> {
  return inSnapshot(pool, (client, asOf) =>
    readPage<Row, Summary>(client, asOf, asked, {
      select,
      alias: "d",
      order: "ASC",
      conditions: [
        equals("d.holder", asked.holder),
        equals(datasetStatus, asked.status),
        holdsText(["d.name", "d.description->>'title'", "h.name"], asked.text),
      ],
      toItem: toSummary,
    }),
  );
}

/** Reads one dataset with its description; undefined if the chain knows none. */
export function readDataset(pool: pg.Pool, id: string) {
  return inSnapshot(pool, async (client, asOf) => {
    const { rows } = await client.query<Row>(`${select} WHERE d.id = $1`, [id]);
    const [row] = rows;
    return row && { asOf: writeAsOf(asOf), dataset: toDetail(row) };
  });
}

function toSummary(row: Row): Summary {
  const { id, name, description, rules, revision, status } = row;
  return {
    id,
    name,
    title: description.title,
    holder: toNamed(row.holder, row.holder_name),
    status,
    rules,
    revision,
    tables: description.tables.length,
    fields: description.tables.reduce((count, { fields }) => count + fields.length, 0),
    registeredAt: toTime(row.registered_at),
  } as Summary;
}

function toDetail(row: Row): z.output<typeof datasetSchema> {
  return {
    ...toSummary(row),
    descriptionHash: row.description_hash,
    description: row.description,
    suspendedByHolderAt: toTimeOrNull(row.suspended_by_holder_at),
    suspendedByRegulatorAt: toTimeOrNull(row.suspended_by_regulator_at),
    retiredAt: toTimeOrNull(row.retired_at),
  } as z.output<typeof datasetSchema>;
}
