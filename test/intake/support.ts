import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PrepareOptions, prepareDataset } from "../../server/intake/prepare.ts";
import type { Proposal, ProposedColumn } from "../../server/intake/propose.ts";

/** A folder of CSV files that a test writes. */
export type Files = {
  readonly write: (name: string, content: string | Uint8Array) => string;
  readonly remove: () => void;
};

export function createFiles(): Files {
  const folder = mkdtempSync(join(tmpdir(), "datapact-intake-"));
  return {
    write: (name, content) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Prepares files with `id` or what is given as the patient key. */
export function prepare(files: readonly string[], options: Partial<PrepareOptions> = {}): Promise<Proposal> {
  const given = { title: "Test", patientKeys: ["id"], levels: [], encodings: [], drop: [] };
  return prepareDataset({ ...given, files, ...options });
}

export function columnOf(proposal: Proposal, table: string, column: string): ProposedColumn {
  const found = proposal.tables.find((each) => each.table === table)?.columns.find(({ name }) => name === column);
  if (found === undefined) throw new Error(`no column ${table}.${column}`);
  return found;
}

/** Runs something that must be refused and returns the error. */
export async function refusal(work: () => Promise<unknown>): Promise<Record<string, unknown> & { message: string }> {
  try {
    await work();
  } catch (error) {
    return error as Record<string, unknown> & { message: string };
  }
  throw new Error("it was not refused");
}
