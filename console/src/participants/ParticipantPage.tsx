import { Alert, Flex } from "antd";
import type { Output } from "../../../server/api/routes.ts";
import { ParticipantActs } from "../acts/ParticipantActs.tsx";
import { AgreementTable } from "../agreements/AgreementTable.tsx";
import { useAnswer } from "../api/useAnswer.ts";
import { History } from "../history/History.tsx";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Badge } from "../parts/Badge.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Hash } from "../parts/Hash.tsx";
import { Named } from "../parts/Named.tsx";
import { Page } from "../parts/Page.tsx";
import { type Column, Rows } from "../parts/Rows.tsx";
import { Section } from "../parts/Section.tsx";
import { Time } from "../parts/Time.tsx";
import { Told } from "../parts/Told.tsx";
import { visible } from "../parts/visible.ts";
import { ParticipantStatus } from "./ParticipantStatus.tsx";

type Participant = Output<"participant">["participant"];
type Key = Participant["keys"][number];

export function ParticipantPage({ id }: { readonly id: string }) {
  const answer = useAnswer("participant", { id: id as Participant["id"] });
  return (
    <Answered of={answer} isPage>
      {({ participant }) => <Details participant={participant} />}
    </Answered>
  );
}

function Details({ participant }: { readonly participant: Participant }) {
  const tell = useText();
  const { id, name, registrationNumber, roles, status, hospital, key, keys, admittedAt, suspendedAt, log } =
    participant;
  const columns: readonly Column<Key>[] = [
    { title: tell("participants.keys.key"), show: ({ key: address }) => <Hash of={address} /> },
    {
      title: tell("participants.keys.kind"),
      show: ({ delegate }) => tell(delegate ? "participants.keys.delegate" : "participants.keys.own"),
    },
    { title: tell("participants.keys.from"), show: ({ from }) => <Time of={from} /> },
    {
      title: tell("participants.keys.until"),
      show: ({ until }) => (until === null ? tell("participants.keys.now") : <Time of={until} />),
    },
  ];
  return (
    <Page title={visible(name)} lead={<Told of={registrationNumber} />} extra={<ParticipantStatus of={status} />}>
      <Section title={tell("participants.facts")}>
        <Facts
          of={[
            [tell("participants.roles"), roles.map((role) => <Badge key={role}>{tell(`role.${role}`)}</Badge>)],
            hospital !== null && [
              tell("participants.hospital"),
              <Named key="hospital" of={hospital} kind="participants" />,
            ],
            [tell("participants.admitted"), <Time key="admitted" of={admittedAt} />],
            suspendedAt !== null && [tell("participants.suspended"), <Time key="suspended" of={suspendedAt} />],
            [tell("participants.key"), <Hash key="key" of={key} />],
            [tell("participants.id"), <Hash key="id" of={id} />],
          ]}
        />
      </Section>
      <ParticipantActs participant={participant} />
      {log !== null && <LogOnChain log={log} />}
      <Section title={tell("participants.keys")}>
        <Rows
          caption={tell("participants.keys")}
          columns={columns}
          rows={keys}
          keyOf={({ key: address, from }) => `${address}${from}`}
        />
      </Section>
      {(roles.includes("Hospital") || roles.includes("Consumer")) && (
        <Section title={tell("participants.agreements")}>
          <AgreementTable filter={{ party: id }} />
        </Section>
      )}
      <History of="participantEvents" id={id} />
    </Page>
  );
}

function LogOnChain({ log }: { readonly log: NonNullable<Participant["log"]> }) {
  const tell = useText();
  const { number } = useFormat();
  const { size, root, breachedIndex } = log;
  return (
    <Section title={tell("participants.log")}>
      <Flex vertical gap="middle">
        <Alert
          showIcon
          type={breachedIndex === null ? "success" : "error"}
          title={
            breachedIndex === null
              ? tell("participants.kept")
              : tell("participants.breached", { index: number(breachedIndex) })
          }
        />
        <Facts
          of={[
            [tell("log.anchored"), number(size)],
            [tell("log.root"), <Hash key="root" of={root} />],
          ]}
        />
      </Flex>
    </Section>
  );
}
