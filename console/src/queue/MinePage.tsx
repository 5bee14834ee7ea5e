import { Flex } from "antd";
import { Link } from "wouter";
import type { ParticipantId } from "../../../server/domain/ids.ts";
import { AgreementTable } from "../agreements/AgreementTable.tsx";
import { DatasetTable } from "../datasets/DatasetTable.tsx";
import { useText } from "../language/language.tsx";
import { Health } from "../log/Health.tsx";
import { Page } from "../parts/Page.tsx";
import { Section } from "../parts/Section.tsx";
import { For } from "../session/For.tsx";

/** The agreements of a party: first what waits for its signature. */
export function MinePage() {
  const tell = useText();
  return (
    <Page title={tell("mine.title")} lead={tell("mine.lead")}>
      <For roles={["Hospital", "Consumer"]}>
        {({ participant, roles }) => {
          const party = participant.id as ParticipantId;
          return (
            <Flex vertical gap="large">
              <Section title={tell("offers.title")}>
                <AgreementTable filter={{ waitsFor: party }} empty={tell("offers.none")} />
              </Section>
              <Section title={tell("mine.title")}>
                <AgreementTable filter={{ party }} empty={tell("mine.none")} />
              </Section>
              {roles.includes("Hospital") && (
                <>
                  <Section title={tell("mine.datasets")}>
                    <Flex vertical gap="middle">
                      <DatasetTable filter={{ holder: party }} />
                      <Link href="/import">{tell("import.title")}</Link>
                    </Flex>
                  </Section>
                  <Section title={tell("mine.gateway")}>
                    <Health />
                  </Section>
                </>
              )}
            </Flex>
          );
        }}
      </For>
    </Page>
  );
}
