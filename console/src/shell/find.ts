import { ApiProblem } from "../../../server/api/client.ts";
import type { Output } from "../../../server/api/routes.ts";
import { client } from "../api/client.ts";
import type { Tell } from "../language/language.tsx";
import { short } from "../parts/short.ts";
import type { Session } from "../session/SessionProvider.tsx";

/** What a search leads to. Without a path, its name says why there is nothing to open. */
export type Hit = { readonly kind: string; readonly path?: string; readonly name: string; readonly note?: string };

type Finder = {
  readonly session: Session | undefined;
  readonly tell: Tell;
  readonly number: (value: number) => string;
};

/** Finds what an id, a digest, the number of an entry or a part of a name leads to. */
export async function find(text: string, finder: Finder): Promise<readonly Hit[]> {
  if (text === "") return [];
  if (/^0x[0-9a-f]{64}$/i.test(text)) return findDigest(text.toLowerCase(), finder);
  const [, gateway = "", index] = /^(.*?)\s*#\s*(\d{1,15})$/s.exec(text) ?? [];
  if (index !== undefined) return gateway === "" ? findEntry(index, finder) : findEntryOf(gateway, index, finder);
  const named = findText(text, finder);
  return /^\d{1,15}$/.test(text) ? [...(await findEntry(text, finder)), ...(await named)] : named;
}

/** The digest by which the text of a receipt, or of evidence with one in it, names its entry; undefined for any other text. */
export function digestIn(text: string): string | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  return /"entry"\s*:\s*"(0x[0-9a-f]{64})"/.exec(text)?.[1];
}

async function findDigest(digest: string, finder: Finder): Promise<readonly Hit[]> {
  const { tell } = finder;
  const asked = { id: digest as never };
  const [agreement, dataset, participant, place, request] = await Promise.all([
    unlessMissing(client.agreement(asked)),
    unlessMissing(client.dataset(asked)),
    unlessMissing(client.participant(asked)),
    unlessMissing(client.place({ digest: digest as never })),
    unlessMissing(client.recorded({ digest: digest as never })),
  ]);
  const index = place?.index ?? request?.receipt.index;
  return [
    ...(agreement ? [agreementHit(agreement.agreement, tell)] : []),
    ...(dataset ? [datasetHit(dataset.dataset, tell)] : []),
    ...(participant ? [participantHit(participant.participant, tell)] : []),
    ...(index === undefined ? [] : await entryHit(index, finder, request === undefined ? "entry" : "request")),
  ];
}

/** An entry of this gateway's log by its number; how many there are is public, what is in them is not. */
async function findEntry(text: string, finder: Finder): Promise<readonly Hit[]> {
  const { tell, number } = finder;
  const { appended } = await client.log();
  if (Number(text) < appended) return entryHit(Number(text), finder, "entry");
  const name = tell("search.noEntry", { index: number(Number(text)), appended: number(appended) });
  return [{ kind: tell("trail.index"), name }];
}

/** The same where a gateway is named: only its own log can be looked into. */
async function findEntryOf(text: string, index: string, finder: Finder): Promise<readonly Hit[]> {
  const { tell } = finder;
  const isId = /^0x[0-9a-f]{64}$/i.test(text);
  const [{ gateway: here }, found] = await Promise.all([
    client.gateway(),
    isId
      ? unlessMissing(client.participant({ id: text.toLowerCase() as never })).then((one) =>
          one === undefined ? [] : [one.participant],
        )
      : client.participants({ role: "Gateway", text, limit: "20" }).then(({ items }) => items),
  ]);
  const hits = found
    .filter(({ roles }) => roles.includes("Gateway"))
    .map(async ({ id, name }) =>
      String(id) === String(here)
        ? findEntry(index, finder)
        : [
            {
              kind: tell("role.Gateway"),
              path: `/participants/${id}`,
              name,
              note: tell("search.elsewhere", { index }),
            },
          ],
    );
  return (await Promise.all(hits)).flat();
}

/** An entry that is there, as far as it concerns who asks: a consumer learns here already whether it is its own. */
async function entryHit(index: number, { session, tell, number }: Finder, by: "entry" | "request"): Promise<Hit[]> {
  const kind = tell(by === "entry" ? "trail.index" : "search.request");
  const name = tell("entry.title", { index: number(index) });
  const path = `/trail/${index}`;
  if (session === undefined) return [{ kind, path, name, note: tell("search.signIn") }];
  if (session.roles.includes("Regulator")) return [{ kind, path, name }];
  const shown = await unlessRefused(client.entry({ index: String(index) }));
  return shown === undefined ? [{ kind, name, note: tell("search.notYours") }] : [{ kind, path, name }];
}

async function findText(text: string, { tell }: Finder): Promise<readonly Hit[]> {
  const asked = { text, limit: "20" };
  const [agreements, datasets, participants] = await Promise.all([
    client.agreements(asked),
    client.datasets(asked),
    client.participants(asked),
  ]);
  return [
    ...participants.items.map((participant) => participantHit(participant, tell)),
    ...datasets.items.map((dataset) => datasetHit(dataset, tell)),
    ...agreements.items.map((agreement) => agreementHit(agreement, tell)),
  ];
}

type Participant = Output<"participants">["items"][number];
type Dataset = Output<"datasets">["items"][number];
type Agreement = Output<"agreements">["items"][number];

const participantHit = ({ id, name }: Pick<Participant, "id" | "name">, tell: Tell): Hit => ({
  kind: tell("search.participant"),
  path: `/participants/${id}`,
  name,
});

const datasetHit = ({ id, title }: Pick<Dataset, "id" | "title">, tell: Tell): Hit => ({
  kind: tell("agreements.dataset"),
  path: `/datasets/${id}`,
  name: title,
});

function agreementHit(
  { id, assignee, dataset, status }: Pick<Agreement, "id" | "assignee" | "dataset" | "status">,
  tell: Tell,
) {
  const name = tell("agreement.title", { assignee: assignee.name, dataset: dataset.name });
  return {
    kind: tell("agreements.agreement"),
    path: `/agreements/${id}`,
    name,
    note: `${tell(`status.${status}`)} · ${short(id)}`,
  };
}

const unlessMissing = <T>(answer: Promise<T>): Promise<T | undefined> => unless(answer, [404]);
const unlessRefused = <T>(answer: Promise<T>): Promise<T | undefined> => unless(answer, [401, 403, 404]);

async function unless<T>(answer: Promise<T>, statuses: readonly number[]): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiProblem && statuses.includes(error.status)) return undefined;
    throw error;
  }
}
