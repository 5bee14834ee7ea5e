import { Flex } from "antd";
import { useAnswer } from "../api/useAnswer.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Named } from "../parts/Named.tsx";
import { Page } from "../parts/Page.tsx";
import { Section } from "../parts/Section.tsx";
import { Time } from "../parts/Time.tsx";
import { ToldLines } from "../parts/Told.tsx";
import { For } from "../session/For.tsx";
import type { ShownFinding } from "../verifier/verifyFinding.ts";
import { FindingProof } from "./FindingProof.tsx";
import { EntryLinks } from "./FindingsPage.tsx";
import { RecordFinding } from "./RecordFinding.tsx";

/** Every revision of one finding, oldest first. */
export function FindingPage({ id }: { readonly id: string }) {
  const tell = useText();
  return (
    <Page title={tell("findings.finding")} lead={tell("findings.lead")}>
      <For roles={["Regulator", "Hospital"]}>{() => <Revisions id={id} />}</For>
    </Page>
  );
}

function Revisions({ id }: { readonly id: string }) {
  const tell = useText();
  const history = useAnswer("finding", { id: id as never });
  return (
    <Answered of={history}>
      {({ items }) => {
        const last = items.at(-1);
        return (
          <Flex vertical gap="large">
            {items.map(({ digest, revision, author, severity, state, text, entries, at }, place) => (
              <Section key={digest} title={tell("findings.revision", { revision })}>
                <Flex vertical gap="middle">
                  <FindingProof of={items[place] as ShownFinding} before={items[place - 1]} />
                  <ToldLines of={text} />
                  <Facts
                    of={[
                      [tell("findings.severity"), tell(`severity.${severity}`)],
                      [tell("findings.state"), tell(`findingState.${state}`)],
                      [tell("findings.entries"), <EntryLinks key="entries" of={entries} />],
                      [tell("findings.author"), <Named key="author" of={author} kind="participants" />],
                      [tell("findings.time"), <Time key="time" of={at} />],
                    ]}
                  />
                </Flex>
              </Section>
            ))}
            {last !== undefined && (
              <RecordFinding
                entries={last.entries}
                before={{ finding: last.id, previous: last.digest, severity: last.severity, state: last.state }}
              />
            )}
          </Flex>
        );
      }}
    </Answered>
  );
}
