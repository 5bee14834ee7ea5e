import pg from "pg";
import { DatabaseRefused, IntakeError } from "./errors.ts";

/**
 * Runs `work` in one transaction. If anything fails, nothing of it stays, and errors of PostgreSQL come out as `DatabaseRefused`. The
 * client must be connected and outside a transaction.
 */
export async function inTransaction<T>(client: pg.ClientBase, step: string, work: () => Promise<T>): Promise<T> {
  try {
    await client.query("BEGIN");
    await client.query("SET LOCAL statement_timeout = 0; SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO, YMD'");
    await client.query("SET LOCAL synchronous_commit = on; SET LOCAL standard_conforming_strings = on");
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw translate(step, error);
  }
}

/** The one place that knows the errors of PostgreSQL. */
function translate(step: string, error: unknown): unknown {
  if (error instanceof IntakeError) return error;
  if (error instanceof pg.DatabaseError) return new DatabaseRefused(step, error.code ?? "XX000", error);
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== undefined || /^Connection terminated/.test(String((error as Error).message)))
    return new DatabaseRefused(step, code ?? "08006", error);
  return error;
}
