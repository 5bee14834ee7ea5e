import { Flex, Select } from "antd";
import { useState } from "react";
import { Link } from "wouter";
import type { Output } from "../../../server/api/routes.ts";
import { type Role, roles } from "../../../server/domain/roles.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Badge } from "../parts/Badge.tsx";
import { Page } from "../parts/Page.tsx";
import { Pages } from "../parts/Pages.tsx";
import { type Column, Rows } from "../parts/Rows.tsx";
import { SearchField } from "../parts/SearchField.tsx";
import { Section } from "../parts/Section.tsx";
import { Time } from "../parts/Time.tsx";
import { Told } from "../parts/Told.tsx";
import { ParticipantStatus } from "./ParticipantStatus.tsx";

type Participant = Output<"participants">["items"][number];

export function ParticipantList() {
  const tell = useText();
  const [role, setRole] = useState<Role | "all">("all");
  const [text, setText] = useState("");
  const [cursor, setCursor] = useState<string>();
  const participants = useAnswer("participants", {
    limit: "20",
    ...(role !== "all" && { role }),
    ...(text !== "" && { text }),
    ...(cursor !== undefined && { cursor }),
  });
  const columns: readonly Column<Participant>[] = [
    {
      title: tell("participants.name"),
      show: ({ id, name }) => (
        <Link href={`/participants/${id}`}>
          <Told of={name} />
        </Link>
      ),
    },
    {
      title: tell("participants.roles"),
      show: ({ roles: held }) => held.map((one) => <Badge key={one}>{tell(`role.${one}`)}</Badge>),
    },
    { title: tell("participants.number"), show: ({ registrationNumber }) => <Told of={registrationNumber} /> },
    { title: tell("participants.status"), show: ({ status }) => <ParticipantStatus of={status} /> },
    { title: tell("participants.admitted"), show: ({ admittedAt }) => <Time of={admittedAt} /> },
  ];
  return (
    <Page title={tell("participants.title")} lead={tell("participants.lead")}>
      <Section title={tell("participants.title")}>
        <Flex vertical gap="middle">
          <Flex gap="small" wrap>
            <Select
              aria-label={tell("participants.role")}
              value={role}
              style={{ minWidth: 160 }}
              onChange={(chosen) => {
                setCursor(undefined);
                setRole(chosen);
              }}
              options={[
                { value: "all" as const, label: tell("parts.all") },
                ...roles.map((value) => ({ value, label: tell(`role.${value}`) })),
              ]}
            />
            <SearchField
              label={tell("participants.search")}
              onSearch={(asked) => {
                setCursor(undefined);
                setText(asked);
              }}
            />
          </Flex>
          <Answered of={participants}>
            {({ items, next }) => (
              <Flex vertical gap="middle">
                <Rows caption={tell("participants.title")} columns={columns} rows={items} keyOf={({ id }) => id} />
                <Pages next={next} cursor={cursor} go={setCursor} />
              </Flex>
            )}
          </Answered>
        </Flex>
      </Section>
    </Page>
  );
}
