import { Alert, Flex } from "antd";
import { ApiProblem } from "../../../server/api/client.ts";
import type { Output } from "../../../server/api/routes.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { RecordFinding } from "../findings/RecordFinding.tsx";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Badge } from "../parts/Badge.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Hash } from "../parts/Hash.tsx";
import { Named } from "../parts/Named.tsx";
import { Page } from "../parts/Page.tsx";
import { Section } from "../parts/Section.tsx";
import { Time } from "../parts/Time.tsx";
import { visible } from "../parts/visible.ts";
import { Purpose } from "../purposes/Purpose.tsx";
import { For } from "../session/For.tsx";
import { canonical } from "../verifier/canonical.ts";
import { Verify } from "../verifier/Verify.tsx";
import { Unseen } from "./Unseen.tsx";
import { sizeOf, whatOf } from "./what.ts";

/** One entry: everything that is recorded, its receipt, and its verification. */
export function EntryPage({ index }: { readonly index: string }) {
  const tell = useText();
  const { number } = useFormat();
  return (
    <Page title={tell("entry.title", { index: number(index) })} lead={tell("trail.lead")}>
      <For>{() => <Entry index={index} />}</For>
    </Page>
  );
}

function Entry({ index }: { readonly index: string }) {
  const answer = useAnswer("entry", { index });
  const isMissing = answer.error instanceof ApiProblem && answer.error.status === 404;
  if (isMissing) return <Unseen index={index} />;
  return <Answered of={answer}>{(shown) => <Details shown={shown} />}</Answered>;
}

function Details({ shown: { item, about, receipt, reading } }: { readonly shown: Output<"entry"> }) {
  const tell = useText();
  const { number, seconds } = useFormat();
  const { entry, participant, dataset, state } = item;
  const isUsage = entry.type === "datapact/entry/1";
  return (
    <Flex vertical gap="large">
      <Section title={tell("entry.facts")} extra={<Badge>{tell(`trail.state.${state}`)}</Badge>}>
        <Flex vertical gap="large">
          {state === "Appended" && receipt.deadline * 1_000 < Date.now() && (
            <Alert showIcon type="error" title={tell("entry.overdue", { deadline: seconds(receipt.deadline) })} />
          )}
          <Facts
            of={[
              [tell("trail.what"), <strong key="what">{whatOf(item, tell)}</strong>],
              [tell("trail.time"), <Time key="time" of={entry.time} />],
              [
                tell("trail.who"),
                participant === null ? (
                  tell("entry.unknownParty")
                ) : (
                  <Named key="who" of={participant} kind="participants" />
                ),
              ],
              [tell("entry.signer"), <Hash key="signer" of={entry.signer} />],
              dataset !== null && [tell("trail.dataset"), <Named key="dataset" of={dataset} kind="datasets" />],
              isUsage && [tell("trail.purpose"), <Purpose key="purpose" of={entry.purpose} />],
              isUsage && [
                tell("entry.agreement"),
                <Hash key="agreement" of={entry.agreement} href={`/agreements/${entry.agreement}`} />,
              ],
              isUsage && [tell("entry.request"), <Hash key="request" of={entry.request} />],
              !isUsage && [tell("entry.subject"), <Hash key="subject" of={entry.subject} />],
              [tell("trail.size"), sizeOf(item, tell, number)],
              isUsage &&
                entry.result !== null && [tell("entry.result"), <Hash key="result" of={entry.result.digest} />],
              entry.block !== null && [tell("entry.decided"), number(entry.block.number)],
              [tell("entry.digest"), <Hash key="digest" of={receipt.entry} />],
              [tell("entry.deadline"), seconds(receipt.deadline)],
            ]}
          />
          <span className="quiet">{tell("trail.reading", { index: number(reading) })}</span>
        </Flex>
      </Section>
      <Section title={tell("entry.verify")}>
        <Verify evidence={{ entry, receipt }} />
      </Section>
      {about !== null && (
        <Section title={tell("entry.about")}>
          <pre className="text code">{visible(JSON.stringify(about, null, 2), "lines")}</pre>
        </Section>
      )}
      <RecordFinding entries={[item.index]} />
      <Section title={tell("entry.json")}>
        <pre className="text code">{canonical(entry)}</pre>
      </Section>
    </Flex>
  );
}
