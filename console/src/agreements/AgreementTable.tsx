import { Flex } from "antd";
import { useState } from "react";
import { Link } from "wouter";
import type { Input, Output } from "../../../server/api/routes.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { type Format, useFormat } from "../language/format.ts";
import { type Tell, useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Named } from "../parts/Named.tsx";
import { Pages } from "../parts/Pages.tsx";
import { type Column, Rows } from "../parts/Rows.tsx";
import { StatusTag } from "../parts/StatusTag.tsx";
import { Time } from "../parts/Time.tsx";
import { Purpose } from "../purposes/Purpose.tsx";

type Agreement = Output<"agreements">["items"][number];
type Props = { readonly filter: Omit<Input<"agreements">, "cursor" | "limit">; readonly empty?: string };

/** Agreements that meet a filter, newest offer first, a page at a time. */
export function AgreementTable({ filter, empty }: Props) {
  const key = JSON.stringify(filter);
  return <Table key={key} filter={filter} {...(empty !== undefined && { empty })} />;
}

function Table({ filter, empty }: Props) {
  const tell = useText();
  const format = useFormat();
  const { number } = format;
  const [cursor, setCursor] = useState<string>();
  const agreements = useAnswer(
    "agreements",
    { limit: "20", ...filter, ...(cursor !== undefined && { cursor }) },
    { refreshMs: 15_000 },
  );
  const columns: readonly Column<Agreement>[] = [
    {
      title: tell("agreements.purpose"),
      show: ({ id, purpose }) => (
        <Link href={`/agreements/${id}`}>
          <Purpose of={purpose} />
        </Link>
      ),
    },
    { title: tell("agreements.dataset"), show: ({ dataset }) => <Named of={dataset} kind="datasets" /> },
    { title: tell("agreements.assigner"), show: ({ assigner }) => <Named of={assigner} kind="participants" /> },
    { title: tell("agreements.assignee"), show: ({ assignee }) => <Named of={assignee} kind="participants" /> },
    {
      title: tell("agreements.status"),
      show: (agreement) => (
        <Flex vertical gap={2} align="start">
          <StatusTag of={agreement.status} />
          {agreement.status === "Offered" && <span className="quiet">{pendingOf(agreement, tell, format)}</span>}
        </Flex>
      ),
    },
    {
      title: tell("agreements.uses"),
      isNumber: true,
      show: ({ uses, maxUses }) => tell("agreements.uses.value", { uses: number(uses), maxUses: number(maxUses) }),
    },
    { title: tell("agreements.until"), show: ({ validUntil }) => <Time of={validUntil} /> },
  ];
  return (
    <Answered of={agreements}>
      {({ items, next }) => (
        <Flex vertical gap="middle">
          <Rows
            caption={tell("agreements.title")}
            columns={columns}
            rows={items}
            keyOf={({ id }) => id}
            {...(empty !== undefined && { empty })}
          />
          <Pages next={next} cursor={cursor} go={setCursor} />
        </Flex>
      )}
    </Answered>
  );
}

/** Whose signatures are missing, in words. */
function pendingOf({ pending }: Agreement, tell: Tell, { list }: Format): string {
  const names = pending.map((one) =>
    one.capacity === "Regulator"
      ? tell("agreements.pending.Regulator", { approvals: one.approvals })
      : tell(`capacity.${one.capacity}`),
  );
  return tell("agreements.pending", { who: list(names) });
}
