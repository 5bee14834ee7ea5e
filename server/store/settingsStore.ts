import type pg from "pg";

/** The settings under which a gateway recorded last, as text, and its seal over them. */
export type KeptSettings = { readonly settings: string; readonly seal: Buffer };

export type SettingsStore = {
  readonly read: () => Promise<KeptSettings | undefined>;
  readonly write: (kept: KeptSettings) => Promise<void>;
};

export function createSettingsStore(pool: pg.Pool): SettingsStore {
  return Object.freeze<SettingsStore>({
    read: async () => (await pool.query<KeptSettings>("SELECT settings, seal FROM datapact.settings")).rows[0],
    write: async ({ settings, seal }) => {
      await pool.query(
        `INSERT INTO datapact.settings (settings, seal) VALUES ($1, $2)
         ON CONFLICT (singleton) DO UPDATE SET settings = $1, seal = $2`,
        [settings, seal],
      );
    },
  });
}
