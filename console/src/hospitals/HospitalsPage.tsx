import { useQuery } from "@tanstack/react-query";
import { Flex } from "antd";
import { Link } from "wouter";
import type { Output } from "../../../server/api/routes.ts";
import { useAct } from "../acts/useAct.ts";
import { client } from "../api/client.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { transact } from "../chain/transact.ts";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { ParticipantStatus } from "../participants/ParticipantStatus.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Badge } from "../parts/Badge.tsx";
import { BusyButton } from "../parts/BusyButton.tsx";
import { Hash } from "../parts/Hash.tsx";
import { Named } from "../parts/Named.tsx";
import { Page } from "../parts/Page.tsx";
import { type Column, Rows } from "../parts/Rows.tsx";
import { Section } from "../parts/Section.tsx";
import { Time } from "../parts/Time.tsx";
import { Told } from "../parts/Told.tsx";
import { useSession } from "../session/SessionProvider.tsx";
import { type Compared, compareHospitals } from "./compareHospitals.ts";

type Gateway = Output<"participants">["items"][number];

/** Hospitals side by side, and the state of every gateway's log. */
export function HospitalsPage() {
  const tell = useText();
  return (
    <Page title={tell("hospitals.title")} lead={tell("hospitals.lead")}>
      <Comparison />
      <Gateways />
    </Page>
  );
}

function Comparison() {
  const tell = useText();
  const { number } = useFormat();
  const compared = useQuery({ queryKey: ["hospitals"], queryFn: () => compareHospitals(client), retry: false });
  const columns: readonly Column<Compared>[] = [
    { title: tell("hospitals.hospital"), show: ({ hospital }) => <Named of={hospital} kind="participants" /> },
    { title: tell("hospitals.datasets"), isNumber: true, show: ({ datasets }) => number(datasets) },
    { title: tell("hospitals.inForce"), isNumber: true, show: ({ inForce }) => number(inForce) },
    { title: tell("hospitals.suspended"), isNumber: true, show: ({ suspended }) => number(suspended) },
    { title: tell("hospitals.uses"), isNumber: true, show: ({ uses }) => number(uses) },
    { title: tell("hospitals.entries"), isNumber: true, show: ({ entries }) => number(entries) },
  ];
  return (
    <Section title={tell("hospitals.compare")}>
      <Answered of={compared}>
        {(rows) => (
          <Rows
            caption={tell("hospitals.compare")}
            columns={columns}
            rows={rows}
            keyOf={({ hospital }) => hospital.id}
            empty={tell("hospitals.none")}
          />
        )}
      </Answered>
    </Section>
  );
}

function Gateways() {
  const tell = useText();
  const { number } = useFormat();
  const gateways = useAnswer("participants", { role: "Gateway", limit: "200" });
  const columns: readonly Column<Gateway>[] = [
    {
      title: tell("hospitals.gateway"),
      show: ({ id, name }) => (
        <Link href={`/participants/${id}`}>
          <Told of={name} />
        </Link>
      ),
    },
    {
      title: tell("hospitals.hospital"),
      show: ({ hospital }) => (hospital === null ? "" : <Named of={hospital} kind="participants" />),
    },
    { title: tell("participants.status"), show: ({ status }) => <ParticipantStatus of={status} /> },
    { title: tell("hospitals.entries"), isNumber: true, show: ({ log }) => number(log?.size ?? 0) },
    { title: tell("hospitals.lastHead"), show: ({ id }) => <LastHead gateway={id} /> },
    { title: tell("hospitals.promises"), show: (gateway) => <Promises of={gateway} /> },
    { title: tell("hospitals.key"), show: ({ key }) => <Hash of={key} /> },
  ];
  return (
    <Section title={tell("hospitals.gateways")}>
      <Answered of={gateways}>
        {({ items }) => (
          <Rows
            caption={tell("hospitals.gateways")}
            columns={columns}
            rows={items}
            keyOf={({ id }) => id}
            empty={tell("hospitals.noGateway")}
          />
        )}
      </Answered>
    </Section>
  );
}

function LastHead({ gateway }: { readonly gateway: Gateway["id"] }) {
  const tell = useText();
  const heads = useAnswer("heads", { gateway, limit: "1" });
  const [last] = heads.data?.items ?? [];
  return last === undefined ? tell("hospitals.never") : <Time of={last.time} />;
}

/** Whether a gateway is known to have broken a promise; a regulator can acknowledge it. */
function Promises({ of: { id, log } }: { readonly of: Gateway }) {
  const tell = useText();
  const { number } = useFormat();
  const { session, connection } = useSession();
  const about = useAnswer("gateway", {});
  const act = useAct();
  const breached = log?.breachedIndex ?? null;
  if (breached === null) return <Badge tone="good">{tell("hospitals.kept")}</Badge>;
  const manifest = about.data?.manifest;
  const mayAct = session?.roles.includes("Regulator") === true && connection !== undefined && manifest !== undefined;
  return (
    <Flex vertical gap="small" align="start">
      <Badge tone="bad">{tell("hospitals.broken", { index: number(breached) })}</Badge>
      {mayAct && (
        <BusyButton
          size="small"
          isBusy={act.isBusy}
          title={tell("hospitals.acknowledge.lead")}
          onClick={() => void act.run(() => transact(connection, manifest, "AccessLog", "acknowledge", [id]))}
        >
          {tell("acts.acknowledge")}
        </BusyButton>
      )}
      {act.problem !== undefined && <span className="bad">{act.problem}</span>}
    </Flex>
  );
}
