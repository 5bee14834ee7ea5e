import { Flex } from "antd";
import type { ParticipantId } from "../../../server/domain/ids.ts";
import { AgreementTable } from "../agreements/AgreementTable.tsx";
import { useText } from "../language/language.tsx";
import { Page } from "../parts/Page.tsx";
import { Section } from "../parts/Section.tsx";
import { For } from "../session/For.tsx";

/** What waits for regulators. */
export function QueuePage() {
  const tell = useText();
  return (
    <Page title={tell("queue.title")} lead={tell("queue.lead")}>
      <For roles={["Regulator"]}>
        {({ participant }) => (
          <Flex vertical gap="large">
            <Section title={tell("queue.title")}>
              <AgreementTable filter={{ waitsFor: participant.id as ParticipantId }} empty={tell("queue.none")} />
            </Section>
            <Section title={tell("queue.offered")}>
              <AgreementTable filter={{ status: "Offered" }} empty={tell("queue.offered.none")} />
            </Section>
          </Flex>
        )}
      </For>
    </Page>
  );
}
