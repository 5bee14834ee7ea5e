import { Flex, Select } from "antd";
import { useState } from "react";
import { statuses } from "../../../server/domain/status.ts";
import { useText } from "../language/language.tsx";
import { Page } from "../parts/Page.tsx";
import { SearchField } from "../parts/SearchField.tsx";
import { Section } from "../parts/Section.tsx";
import { AgreementTable } from "./AgreementTable.tsx";

const listed = statuses.filter((status) => status !== "Unknown");

export function AgreementList() {
  const tell = useText();
  const [status, setStatus] = useState<(typeof listed)[number] | "all">("all");
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
                ...listed.map((value) => ({ value, label: tell(`status.${value}`) })),
              ]}
            />
            <SearchField label={tell("agreements.search")} onSearch={(asked) => setText(asked)} />
          </Flex>
          <AgreementTable filter={{ ...(status !== "all" && { status }), ...(text !== "" && { text }) }} />
        </Flex>
      </Section>
    </Page>
  );
}
