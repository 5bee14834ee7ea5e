import { Flex } from "antd";
import { useState } from "react";
import { Link } from "wouter";
import type { Output } from "../../../server/api/routes.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Badge } from "../parts/Badge.tsx";
import { Named } from "../parts/Named.tsx";
import { Page } from "../parts/Page.tsx";
import { Pages } from "../parts/Pages.tsx";
import { type Column, Rows } from "../parts/Rows.tsx";
import { Section } from "../parts/Section.tsx";
import { Time } from "../parts/Time.tsx";
import { Told } from "../parts/Told.tsx";
import { For } from "../session/For.tsx";

type Finding = Output<"findings">["items"][number];

export function FindingsPage() {
  const tell = useText();
  return (
    <Page title={tell("findings.title")} lead={tell("findings.lead")}>
      <For roles={["Regulator", "Hospital"]}>{() => <List />}</For>
    </Page>
  );
}

function List() {
  const tell = useText();
  const [cursor, setCursor] = useState<string>();
  const findings = useAnswer("findings", { limit: "20", ...(cursor !== undefined && { cursor }) });
  const columns: readonly Column<Finding>[] = [
    {
      title: tell("findings.finding"),
      show: ({ id, text }) => (
        <Link href={`/findings/${id}`}>
          <Told of={text.length > 80 ? `${text.slice(0, 80)}…` : text} />
        </Link>
      ),
    },
    { title: tell("findings.severity"), show: ({ severity }) => <Badge>{tell(`severity.${severity}`)}</Badge> },
    { title: tell("findings.state"), show: ({ state }) => <Badge>{tell(`findingState.${state}`)}</Badge> },
    { title: tell("findings.entries"), show: ({ entries }) => <EntryLinks of={entries} /> },
    { title: tell("findings.author"), show: ({ author }) => <Named of={author} kind="participants" /> },
    { title: tell("findings.time"), show: ({ at }) => <Time of={at} /> },
  ];
  return (
    <Section title={tell("findings.title")}>
      <Answered of={findings}>
        {({ items, next }) => (
          <Flex vertical gap="middle">
            <Rows
              caption={tell("findings.title")}
              columns={columns}
              rows={items}
              keyOf={({ id }) => id}
              empty={tell("findings.none")}
            />
            <Pages next={next} cursor={cursor} go={setCursor} />
          </Flex>
        )}
      </Answered>
    </Section>
  );
}

export function EntryLinks({ of: entries }: { readonly of: readonly number[] }) {
  const { number } = useFormat();
  return (
    <Flex wrap gap="small">
      {entries.map((index) => (
        <Link key={index} href={`/trail/${index}`}>
          {number(index)}
        </Link>
      ))}
    </Flex>
  );
}
