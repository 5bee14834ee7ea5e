import type pg from "pg";
import { createPool } from "../store/database.ts";
import { type HospitalDatabase, openHospital } from "../store/hospital.ts";
import type { Config } from "./config.ts";

/** The connections of a gateway, but the journal's own. */
export type Stores = {
  /** For the gateway's own work beside the journal. */
  readonly pool: pg.Pool;
  /** For whoever reads what the chain tells all. */
  readonly strangers: pg.Pool;
  /** For those who are signed in. */
  readonly readers: pg.Pool;
  readonly hospital: HospitalDatabase;
  readonly close: () => Promise<void>;
};

/** Readers wait for each other and never keep the gateway from its own work, nor strangers those who are signed in. */
export function openStores({ DATAPACT_STORE_URL: url, ...config }: Config): Stores {
  const bounded = { session: "-c statement_timeout=5000" };
  const pool = createPool(url, "datapact gateway, beside the journal", 4);
  const strangers = createPool(url, "datapact gateway, readers of the chain", 4, bounded);
  const readers = createPool(url, "datapact gateway, readers of the trail", 4, bounded);
  const hospital = openHospital(config.DATAPACT_HOSPITAL_URL, config.DATAPACT_CONNECTIONS);
  return Object.freeze<Stores>({
    pool,
    strangers,
    readers,
    hospital,
    close: async () => {
      await Promise.all([pool.end(), strangers.end(), readers.end(), hospital.close()]);
    },
  });
}
