import { createHash } from "node:crypto";
import type pg from "pg";
import { asText, createPool } from "./database.ts";

/** Runs one parameterised statement and returns its rows as text, as PostgreSQL writes it. */
export type RunQuery = (text: string, values: readonly unknown[]) => Promise<(string | null)[][]>;

export type HospitalDatabase = { readonly run: RunQuery; readonly close: () => Promise<void> };

/** Texts that are prepared; those that come later take the places of all of them. */
const mostNames = 500;
/** After so many statements a connection is closed, and what is prepared on it goes with it. */
const mostUses = 5_000;

/**
 * Names the texts that come more than once, so that PostgreSQL plans each once a connection: planning is most of the work of a small query.
 */
function createNames(): (text: string) => string | undefined {
  let names = new Map<string, string | undefined>();
  return (text) => {
    if (names.has(text)) {
      const name = names.get(text) ?? createHash("sha256").update(text).digest("hex").slice(0, 40);
      names.set(text, name);
      return name;
    }
    if (names.size >= mostNames) names = new Map();
    names.set(text, undefined);
    return undefined;
  };
}

/** Connects with the login that only reads governed views. `url` must not be an owner's. */
export function openHospital(url: string, connections: number): HospitalDatabase {
  const pool: pg.Pool = createPool(url, "datapact reader", connections, "-c timezone=UTC", mostUses);
  const nameOf = createNames();
  return Object.freeze<HospitalDatabase>({
    run: async (text, values) => {
      const name = nameOf(text);
      const named = name === undefined ? {} : { name };
      const { rows } = await pool.query({ ...named, text, values: [...values], rowMode: "array", types: asText });
      return rows as (string | null)[][];
    },
    close: () => pool.end(),
  });
}
