import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";

type Cell = string | number | boolean;
/** A CSV file that is written row by row. Cells need no quoting. */
export type CsvTable = {
  readonly path: string;
  readonly write: (...parts: readonly (readonly Cell[])[]) => void;
  /** Hands on what has gathered, if it is enough, and waits while the disk is behind. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
  readonly rows: () => number;
};

const batchLength = 1 << 18;

export function createCsvTable(folder: string, name: string, header: string): CsvTable {
  const path = join(folder, `${name}.csv`);
  const stream = createWriteStream(path);
  let batch = `${header}\n`;
  let rows = 0;
  const flush = async (least: number): Promise<void> => {
    if (batch.length < least) return;
    const isTaken = stream.write(batch);
    batch = "";
    if (!isTaken) await once(stream, "drain");
  };
  return {
    path,
    rows: () => rows,
    write: (...parts) => {
      batch += `${parts.flat().join(",")}\n`;
      rows++;
    },
    flush: () => flush(batchLength),
    close: async () => {
      stream.end(batch);
      await finished(stream);
    },
  };
}
