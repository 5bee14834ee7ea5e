import type pg from "pg";
import { asText, createPool } from "./database.ts";

/** Runs one parameterised statement and returns its rows as text, as PostgreSQL writes it. */
export type RunQuery = (text: string, values: readonly unknown[]) => Promise<(string | null)[][]>;

export type HospitalDatabase = { readonly run: RunQuery; readonly close: () => Promise<void> };

/** Connects with the login that only reads governed views. `url` must not be an owner's. */
export function openHospital(url: string, connections: number): HospitalDatabase {
  const pool: pg.Pool = createPool(url, "datapact reader", connections, "-c timezone=UTC");
  return Object.freeze<HospitalDatabase>({
    run: async (text, values) => {
      const { rows } = await pool.query({ text, values: [...values], rowMode: "array", types: asText });
      return rows as (string | null)[][];
    },
    close: () => pool.end(),
  });
}
