import type pg from "pg";
import type { EntryFilter, EntryItem } from "../api/entries.ts";
import type { Journal } from "../journal/journal.ts";
import type { Session } from "../session/sessions.ts";
import { countPlaces, findPlaces, type Sought } from "./findPlaces.ts";
import type { TrailIndex } from "./keepIndex.ts";
import { readItems } from "./readItems.ts";
import type { RecordAct } from "./recordAct.ts";
import { type Here, scopeOf } from "./scope.ts";
import { withClient } from "./withClient.ts";

/** Entries on their way out. `reading` is the index of the entry that records it. */
export type TakenOut = {
  readonly reading: number;
  readonly count: number;
  readonly parts: AsyncIterable<readonly EntryItem[]>;
};

/** Takes out all entries that a filter means and that concern who asks, those that are appended meanwhile left out. Recorded first. */
export type TakeOut = (filter: EntryFilter, format: string, session: Session) => Promise<TakenOut>;

export type TakeOutOptions = {
  readonly pool: pg.Pool;
  readonly index: Pick<TrailIndex, "caughtUp">;
  readonly journal: Pick<Journal, "digests">;
  readonly anchored: () => number;
  readonly recordAct: RecordAct;
  readonly here: Here;
};

/** So many entries are in memory at once. */
const mostAtOnce = 500;

export function createTakeOut({ pool, index, journal, anchored, recordAct, here }: TakeOutOptions): TakeOut {
  async function* read(sought: Sought): AsyncGenerator<readonly EntryItem[]> {
    for (let after = sought.after; ; ) {
      const places = await withClient(pool, (client) => findPlaces(client, { ...sought, after }, mostAtOnce));
      const indices = places.map((place) => place.index);
      if (indices.length > 0) yield await withClient(pool, (client) => readItems(client, journal, anchored(), indices));
      if (places.length < mostAtOnce) return;
      after = places.at(-1);
    }
  }

  return async (filter, format, session) => {
    await index.caughtUp();
    const all: Sought = { filter, scope: scopeOf(session.actor, here), here };
    const [newest] = await withClient(pool, (client) => findPlaces(client, all, 1));
    const sought: Sought = { ...all, newest };
    const count = newest === undefined ? 0 : await withClient(pool, (client) => countPlaces(client, sought));
    const about = { format, filter };
    const { receipt } = await recordAct(session.actor, { act: "Exported", about, entries: count });
    return { reading: receipt.index, count, parts: newest === undefined ? none() : read(sought) };
  };
}

async function* none(): AsyncGenerator<never> {}
