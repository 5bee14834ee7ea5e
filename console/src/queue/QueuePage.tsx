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
        {() => (
          <Section title={tell("queue.title")}>
            <AgreementTable filter={{ status: "Offered" }} empty={tell("queue.none")} />
          </Section>
        )}
      </For>
    </Page>
  );
}
