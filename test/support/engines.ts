import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../../server/engines/postgres.ts";

/** Starts one PostgreSQL for all test files, unless `DATAPACT_TEST_POSTGRES` names a server to test against. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.DATAPACT_TEST_POSTGRES !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "datapact-test-"));
  chmodSync(folder, 0o711);
  const postgres = await startPostgres(folder, console.error);
  process.env.DATAPACT_TEST_POSTGRES = postgres.url("postgres");
  return async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
