import { Flex } from "antd";
import { useState } from "react";
import type { Output } from "../../../server/api/routes.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Hash } from "../parts/Hash.tsx";
import { Named } from "../parts/Named.tsx";
import { Page } from "../parts/Page.tsx";
import { Pages } from "../parts/Pages.tsx";
import { type Column, Rows } from "../parts/Rows.tsx";
import { Section } from "../parts/Section.tsx";
import { Time } from "../parts/Time.tsx";
import { Health } from "./Health.tsx";

type Head = Output<"heads">["items"][number];

/** Whether all is well, and the heads of all logs as the chain has them. */
export function LogPage() {
  const tell = useText();
  const { number } = useFormat();
  const [cursor, setCursor] = useState<string>();
  const heads = useAnswer("heads", { limit: "20", ...(cursor !== undefined && { cursor }) }, { refreshMs: 10_000 });
  const columns: readonly Column<Head>[] = [
    { title: tell("log.gateway"), show: ({ gateway }) => <Named of={gateway} kind="participants" /> },
    {
      title: tell("log.entries"),
      show: ({ start, size }) =>
        size - start === 1
          ? tell("log.one", { index: number(start) })
          : tell("log.range", { from: number(start), to: number(size - 1) }),
    },
    { title: tell("log.size"), isNumber: true, show: ({ size }) => number(size) },
    { title: tell("log.root"), show: ({ root }) => <Hash of={root} /> },
    { title: tell("log.block"), isNumber: true, show: ({ block }) => number(block) },
    { title: tell("log.time"), show: ({ time }) => <Time of={time} /> },
  ];
  return (
    <Page title={tell("log.title")} lead={tell("log.lead")}>
      <Section title={tell("overview.health")}>
        <Health />
      </Section>
      <Section title={tell("log.heads")}>
        <Answered of={heads}>
          {({ items, next }) => (
            <Flex vertical gap="middle">
              <Rows
                caption={tell("log.heads")}
                columns={columns}
                rows={items}
                keyOf={({ transaction, size }) => `${transaction}${size}`}
                empty={tell("log.noneAnchored")}
              />
              <Pages next={next} cursor={cursor} go={setCursor} />
            </Flex>
          )}
        </Answered>
      </Section>
    </Page>
  );
}
