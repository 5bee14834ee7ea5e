import { Flex, Select } from "antd";
import { useState } from "react";
import type { ParticipantId } from "../../../server/domain/ids.ts";
import { statuses } from "../../../server/domain/status.ts";
import { useText } from "../language/language.tsx";
import { Page } from "../parts/Page.tsx";
import { SearchField } from "../parts/SearchField.tsx";
import { Section } from "../parts/Section.tsx";
import { useSession } from "../session/SessionProvider.tsx";
import { AgreementTable } from "./AgreementTable.tsx";

const listed = statuses.filter((status) => status !== "Unknown");

export function AgreementList() {
  const tell = useText();
  const { session } = useSession();
  const [chosen, setStatus] = useState<(typeof listed)[number] | "all" | "mine">("all");
  const status = chosen === "mine" && session === undefined ? "all" : chosen;
  const waitsFor = status === "mine" ? (session?.participant.id as ParticipantId) : undefined;
  const [text, setText] = useState("");
  return (
    <Page title={tell("agreements.title")} lead={tell("agreements.lead")}>
      <Section title={tell("agreements.title")}>
        <Flex vertical gap="middle">
          <Flex gap="small" wrap>
            <Select
              aria-label={tell("agreements.status")}
              value={status}
              onChange={setStatus}
              style={{ minWidth: 160 }}
              options={[
                { value: "all" as const, label: tell("parts.all") },
                ...(session === undefined ? [] : [{ value: "mine" as const, label: tell("agreements.waitsForMe") }]),
                ...listed.map((value) => ({ value, label: tell(`status.${value}`) })),
              ]}
            />
            <SearchField label={tell("agreements.search")} onSearch={(asked) => setText(asked)} />
          </Flex>
          <AgreementTable
            filter={{
              ...(waitsFor !== undefined && { waitsFor }),
              ...(status !== "all" && status !== "mine" && { status }),
              ...(text !== "" && { text }),
            }}
          />
        </Flex>
      </Section>
    </Page>
  );
}
