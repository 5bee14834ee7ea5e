import type pg from "pg";
import type { z } from "zod";
import type { EntryFilter, entryPage, entryQuery, entryShown } from "../api/entries.ts";
import { canonicalBytes } from "../domain/entry.ts";
import { sha256, toHex } from "../domain/hash.ts";
import type { MerkleTree } from "../domain/merkle.ts";
import type { Journal } from "../journal/journal.ts";
import { CursorInvalid } from "../readmodel/page.ts";
import type { Session } from "../session/sessions.ts";
import type { Reissue } from "../usage/reissue.ts";
import { readPlace, writePlace } from "./cursor.ts";
import { findPlaces, type Place } from "./findPlaces.ts";
import type { TrailIndex } from "./keepIndex.ts";
import { readAbout } from "./readAbout.ts";
import { readItems } from "./readItems.ts";
import { createReadings, type Reading } from "./readings.ts";
import type { Act, RecordAct } from "./recordAct.ts";
import { type Here, scopeOf } from "./scope.ts";
import { withClient } from "./withClient.ts";

export type Search = {
  /** One page of what a filter finds and concerns who asks, recorded before it is given. */
  readonly search: (asked: z.output<typeof entryQuery>, session: Session) => Promise<z.output<typeof entryPage>>;
  /** One entry with a receipt and its proof; undefined if it concerns not who asks, or is not there. */
  readonly show: (index: number, session: Session) => Promise<z.output<typeof entryShown> | undefined>;
};

export type SearchOptions = {
  readonly pool: pg.Pool;
  readonly index: Pick<TrailIndex, "caughtUp">;
  readonly journal: Pick<Journal, "digests"> & { readonly tree: Pick<MerkleTree, "size" | "root" | "path"> };
  /** How many entries are anchored. */
  readonly anchored: () => number;
  readonly recordAct: RecordAct;
  readonly reissue: Reissue;
  readonly here: Here;
  /** Unix seconds. */
  readonly now: () => number;
};

const usualLimit = 50;
/** How many entries one recorded reading covers at most. */
const mostOfReading = 1_000;

export function createSearch(options: SearchOptions): Search {
  const { pool, journal, here, recordAct, reissue } = options;
  const readings = createReadings(options.now);

  /** The reading that covers these places; recorded now if none does yet. */
  const cover = async (
    session: Session,
    act: Act,
    places: readonly Place[],
    all: () => Promise<readonly Place[]>,
  ): Promise<Reading> => {
    const filter = toHex(sha256(canonicalBytes({ act: act.act, about: act.about })));
    const known = readings.covering(session.id, filter, places);
    if (known !== undefined) return known;
    const covered = await all();
    const { receipt } = await recordAct(session.actor, { ...act, entries: covered.length });
    const reading = { index: receipt.index, newest: covered[0], oldest: covered.at(-1) };
    readings.keep(session.id, filter, reading);
    return reading;
  };

  return Object.freeze<Search>({
    search: async ({ cursor, limit: asked, ...filter }, session) => {
      const after = cursor === undefined ? undefined : readPlace(cursor);
      if (cursor !== undefined && after === undefined) throw new CursorInvalid("the cursor is none");
      await options.index.caughtUp();
      const limit = Number(asked ?? usualLimit);
      const sought = { filter: filter as EntryFilter, scope: scopeOf(session.actor, here), here, after };
      const find = (most: number): Promise<Place[]> => withClient(pool, (client) => findPlaces(client, sought, most));
      const found = await find(limit + 1);
      const places = found.slice(0, limit);
      const anchored = options.anchored();
      const items = await withClient(pool, (client) =>
        readItems(
          client,
          journal,
          anchored,
          places.map(({ index }) => index),
        ),
      );
      const act: Act = { act: "Searched", about: filter, entries: 0 };
      const { index: reading } = await cover(session, act, places, () => find(mostOfReading));
      const last = places.at(-1);
      const next = found.length > limit && last !== undefined ? writePlace(last) : null;
      return { appended: journal.tree.size(), anchored, reading, items, next };
    },

    show: async (index, session) => {
      await options.index.caughtUp();
      const anchored = options.anchored();
      if (index >= journal.tree.size()) return undefined;
      const found = await withClient(pool, async (client) => {
        const isTheirs = await concerns(client, index, session, here);
        const [item] = isTheirs ? await readItems(client, journal, anchored, [index]) : [];
        return item && { item, about: await readAbout(client, item) };
      });
      if (found === undefined) return undefined;
      const { item, about } = found;
      const place = { at: item.entry.time, index };
      const act: Act = { act: "Shown", about: { index }, entries: 1 };
      const { index: reading } = await cover(session, act, [place], () => Promise.resolve([place]));
      const path = (): string[] => journal.tree.path(index, anchored).map((node) => toHex(node));
      return {
        reading,
        item,
        about,
        receipt: await reissue(index),
        proof:
          index < anchored ? { index, size: anchored, root: toHex(journal.tree.root(anchored)), path: path() } : null,
      } as z.output<typeof entryShown>;
    },
  });
}

async function concerns(client: pg.ClientBase, index: number, { actor }: Session, here: Here): Promise<boolean> {
  const scope = scopeOf(actor, here);
  if (scope === undefined) return true;
  const { rowCount } = await client.query(
    `SELECT FROM datapact.entry e JOIN datapact.entry_place p ON p.at = (e.body::jsonb->>'time')::timestamptz AND p.index = e.index
     JOIN datapact.entry_facet f ON f.id = p.facet WHERE e.index = $1 AND ${scope.sql.replaceAll("$", "$2")}`,
    [index, scope.value],
  );
  return rowCount === 1;
}
