import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { founders } from "../../scripts/demo/story.ts";
import { openWallets } from "../../scripts/space/foundSpace.ts";
import { type PostgresEngine, startPostgres } from "../../server/engines/postgres.ts";
import { openHome } from "../../server/home.ts";

/**
 * Starts one PostgreSQL for all test files, unless `DATAPACT_TEST_POSTGRES` names a server to test against, and makes one set of keys,
 * since encrypting a keystore takes a second.
 */
export async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "datapact-test-"));
  chmodSync(folder, 0o711);
  const keys = join(folder, "home");
  const home = openHome(keys);
  home.make();
  await openWallets(home, ["deployer", ...founders.map(({ key }) => key)]);
  process.env.DATAPACT_TEST_KEYS = keys;
  let postgres: PostgresEngine | undefined;
  if (process.env.DATAPACT_TEST_POSTGRES === undefined) {
    postgres = await startPostgres(folder, console.error);
    process.env.DATAPACT_TEST_POSTGRES = postgres.url("postgres");
  }
  return async () => {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
