import { Flex } from "antd";
import { useState } from "react";
import type { Output } from "../../../server/api/routes.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { type Format, useFormat } from "../language/format.ts";
import { type Tell, useText } from "../language/language.tsx";
import { type TextKey, texts } from "../language/texts.ts";
import { Answered } from "../parts/Answered.tsx";
import { Hash } from "../parts/Hash.tsx";
import { Named } from "../parts/Named.tsx";
import { Pages } from "../parts/Pages.tsx";
import { type Column, Rows } from "../parts/Rows.tsx";
import { Section } from "../parts/Section.tsx";
import { Time } from "../parts/Time.tsx";
import { Told } from "../parts/Told.tsx";

type Event = Output<"agreementEvents">["items"][number];
type Props = { readonly of: "agreementEvents" | "datasetEvents" | "participantEvents"; readonly id: string };

/** What happened on chain to one participant, dataset or agreement, newest first. */
export function History({ of: route, id }: Props) {
  const tell = useText();
  const { number } = useFormat();
  const [cursor, setCursor] = useState<string>();
  const events = useAnswer(route, { id: id as never, limit: "10", ...(cursor !== undefined && { cursor }) });
  const columns: readonly Column<Event>[] = [
    { title: tell("history.event"), show: (event) => nameOf(event, tell, number) },
    {
      title: tell("history.by"),
      show: ({ actor }) => (actor === null ? null : <Named of={actor} kind="participants" />),
    },
    {
      title: tell("history.reason"),
      show: ({ args }) => (typeof args.reason === "string" ? <Told of={args.reason} /> : null),
    },
    { title: tell("history.time"), show: ({ time }) => <Time of={time} /> },
    { title: tell("history.block"), isNumber: true, show: ({ block }) => number(block) },
    { title: tell("history.transaction"), show: ({ transaction }) => <Hash of={transaction} /> },
  ];
  return (
    <Section title={tell("history.title")}>
      <Answered of={events}>
        {({ items, next }) => (
          <Flex vertical gap="middle">
            <Rows
              caption={tell("history.title")}
              columns={columns}
              rows={items}
              keyOf={({ transaction, logIndex }) => `${transaction}${logIndex}`}
            />
            <Pages next={next} cursor={cursor} go={setCursor} />
          </Flex>
        )}
      </Answered>
    </Section>
  );
}

function nameOf({ name, args }: Event, tell: Tell, number: Format["number"]): string {
  const key = `event.${name}`;
  const values = Object.fromEntries(
    ["count", "size", "index"].map((member) => [member, number(String(args[member] ?? 0))]),
  );
  return key in texts ? tell(key as TextKey, values) : name;
}
