import { Flex } from "antd";
import { Link, useSearchParams } from "wouter";
import { useAnswer } from "../api/useAnswer.ts";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Badge } from "../parts/Badge.tsx";
import { Named } from "../parts/Named.tsx";
import { Pages } from "../parts/Pages.tsx";
import { type Column, Rows } from "../parts/Rows.tsx";
import { Section } from "../parts/Section.tsx";
import { Time } from "../parts/Time.tsx";
import { Purpose } from "../purposes/Purpose.tsx";
import { EntryFilter } from "./EntryFilter.tsx";
import { type Fields, filterOf, givenIn } from "./filter.ts";
import { Exports } from "./Exports.tsx";
import { type Item, sizeOf, whatOf } from "./what.ts";

/** Entries that meet a filter, newest first, a page at a time. */
export function EntryTable({ kind }: { readonly kind?: "Usage" }) {
  const tell = useText();
  const { number } = useFormat();
  // in the address, so that one comes back to it from an entry, and can hand it on
  const [parameters, setParameters] = useSearchParams();
  const given = givenIn(parameters);
  const fields: Fields = given;
  const filter = filterOf(kind === undefined ? fields : { ...fields, kind });
  const cursor = parameters.get("cursor") ?? undefined;
  const entries = useAnswer("entries", { limit: "50", ...filter, ...(cursor !== undefined && { cursor }) });
  const columns: readonly Column<Item>[] = [
    {
      title: tell("trail.index"),
      isNumber: true,
      show: ({ index }) => <Link href={`/trail/${index}`}>{number(index)}</Link>,
    },
    { title: tell("trail.time"), show: ({ entry }) => <Time of={entry.time} /> },
    { title: tell("trail.what"), show: (item) => whatOf(item, tell) },
    {
      title: tell("trail.who"),
      show: ({ participant }) =>
        participant === null ? tell("entry.unknownParty") : <Named of={participant} kind="participants" />,
    },
    {
      title: tell("trail.dataset"),
      show: ({ dataset }) => (dataset === null ? null : <Named of={dataset} kind="datasets" />),
    },
    {
      title: tell("trail.purpose"),
      show: ({ entry }) => (entry.type === "datapact/entry/1" ? <Purpose of={entry.purpose} /> : null),
    },
    { title: tell("trail.size"), show: (item) => sizeOf(item, tell, number) },
    { title: tell("trail.state"), show: ({ state }) => <Badge>{tell(`trail.state.${state}`)}</Badge> },
  ];
  return (
    <Section title={tell(kind === undefined ? "trail.title" : "trail.receipts")}>
      <Flex vertical gap="middle">
        <EntryFilter
          kind={kind}
          fields={fields}
          onChange={(next) => setParameters(new URLSearchParams(Object.entries(next).filter(isGiven)))}
        />
        <Answered of={entries}>
          {({ items, next, appended, anchored, reading }) => (
            <Flex vertical gap="middle">
              <Flex justify="space-between" gap="small" wrap align="center">
                <span className="quiet">
                  {tell("trail.total", { appended: number(appended), anchored: number(anchored) })}{" "}
                  {tell("trail.reading", { index: number(reading) })}
                </span>
                <Exports filter={filter} />
              </Flex>
              <Rows
                caption={tell("trail.title")}
                columns={columns}
                rows={items}
                keyOf={({ index }) => String(index)}
                empty={tell("trail.none")}
              />
              <Pages
                next={next}
                cursor={cursor}
                go={(next) => setParameters({ ...given, ...(next && { cursor: next }) })}
              />
            </Flex>
          )}
        </Answered>
      </Flex>
    </Section>
  );
}

const isGiven = (field: [string, string | undefined]): field is [string, string] => (field[1] ?? "") !== "";
