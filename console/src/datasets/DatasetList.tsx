import { Flex } from "antd";
import { useState } from "react";
import { useText } from "../language/language.tsx";
import { Page } from "../parts/Page.tsx";
import { SearchField } from "../parts/SearchField.tsx";
import { Section } from "../parts/Section.tsx";
import { DatasetTable } from "./DatasetTable.tsx";

/** The catalogue. */
export function DatasetList() {
  const tell = useText();
  const [text, setText] = useState("");
  return (
    <Page title={tell("datasets.title")} lead={tell("datasets.lead")}>
      <Section title={tell("datasets.title")}>
        <Flex vertical gap="middle">
          <SearchField label={tell("datasets.search")} onSearch={setText} />
          <DatasetTable filter={text === "" ? {} : { text }} />
        </Flex>
      </Section>
    </Page>
  );
}
