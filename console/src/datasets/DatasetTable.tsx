import { Flex, Space } from "antd";
import { useState } from "react";
import { Link } from "wouter";
import type { Input, Output } from "../../../server/api/routes.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Badge } from "../parts/Badge.tsx";
import { Named } from "../parts/Named.tsx";
import { Pages } from "../parts/Pages.tsx";
import { type Column, Rows } from "../parts/Rows.tsx";
import { DatasetStatusTag } from "../parts/StatusTag.tsx";
import { Told } from "../parts/Told.tsx";
import { Purpose } from "../purposes/Purpose.tsx";

type Dataset = Output<"datasets">["items"][number];
type Props = { readonly filter: Omit<Input<"datasets">, "cursor" | "limit"> };

/** Datasets that meet a filter, in order of registration, a page at a time. */
export function DatasetTable({ filter }: Props) {
  return <Table key={JSON.stringify(filter)} filter={filter} />;
}

function Table({ filter }: Props) {
  const tell = useText();
  const { number } = useFormat();
  const [cursor, setCursor] = useState<string>();
  const datasets = useAnswer("datasets", { limit: "20", ...filter, ...(cursor !== undefined && { cursor }) });
  const columns: readonly Column<Dataset>[] = [
    {
      title: tell("datasets.dataset"),
      show: ({ id, name, title }) => (
        <Space orientation="vertical" size={0}>
          <Link href={`/datasets/${id}`}>
            <Told of={title} />
          </Link>
          <span className="quiet">
            <Told of={name} />
          </span>
        </Space>
      ),
    },
    { title: tell("datasets.holder"), show: ({ holder }) => <Named of={holder} kind="participants" /> },
    { title: tell("datasets.status"), show: ({ status }) => <DatasetStatusTag of={status} /> },
    {
      title: tell("datasets.size"),
      show: ({ tables, fields }) => tell("datasets.size.value", { tables: number(tables), fields: number(fields) }),
    },
    {
      title: tell("datasets.purposes"),
      show: ({ rules }) => (
        <Flex wrap gap={4}>
          {rules.purposes.map((purpose) => (
            <Badge key={purpose}>
              <Purpose of={purpose} />
            </Badge>
          ))}
        </Flex>
      ),
    },
    {
      title: tell("datasets.maxDisclosure"),
      show: ({ rules }) => tell(`disclosure.${rules.maxDisclosure}`),
    },
  ];
  return (
    <Answered of={datasets}>
      {({ items, next }) => (
        <Flex vertical gap="middle">
          <Rows caption={tell("datasets.title")} columns={columns} rows={items} keyOf={({ id }) => id} />
          <Pages next={next} cursor={cursor} go={setCursor} />
        </Flex>
      )}
    </Answered>
  );
}
