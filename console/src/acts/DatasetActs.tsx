import { Alert, Button, Flex } from "antd";
import { useState } from "react";
import { Link } from "wouter";
import type { Output } from "../../../server/api/routes.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { transact } from "../chain/transact.ts";
import { useText } from "../language/language.tsx";
import { BusyButton } from "../parts/BusyButton.tsx";
import { Section } from "../parts/Section.tsx";
import { useSession } from "../session/SessionProvider.tsx";
import { ConnectWallet } from "./ConnectWallet.tsx";
import { ReasonDialog } from "./ReasonDialog.tsx";
import { useAct } from "./useAct.ts";

type Dataset = Output<"dataset">["dataset"];

/** What the participant who is signed in can do with a dataset; nothing for whoever has no part in it. */
export function DatasetActs({ dataset }: { readonly dataset: Dataset }) {
  const tell = useText();
  const { session, connection } = useSession();
  if (session === undefined || session.delegate) return null;
  const isHolder = String(dataset.holder.id) === session.participant.id;
  const isRegulator = session.roles.includes("Regulator");
  const isConsumer = session.roles.includes("Consumer") && dataset.status === "Active";
  if (!isHolder && !isRegulator && !isConsumer) return null;
  return (
    <Section title={tell("acts.title")}>
      {isConsumer && !isHolder && <Link href={`/request?dataset=${dataset.id}`}>{tell("request.title")}</Link>}
      {(isHolder || isRegulator) && connection === undefined && <ConnectWallet />}
      {(isHolder || isRegulator) && connection !== undefined && <Stops dataset={dataset} isHolder={isHolder} />}
    </Section>
  );
}

function Stops({ dataset, isHolder }: { readonly dataset: Dataset; readonly isHolder: boolean }) {
  const tell = useText();
  const { connection } = useSession();
  const about = useAnswer("gateway", {});
  const act = useAct();
  const [isAsked, setAsked] = useState(false);
  const manifest = about.data?.manifest;
  if (connection === undefined || manifest === undefined) return null;
  if (dataset.status === "Retired") return <span>{tell("acts.nothing")}</span>;
  const since = isHolder ? dataset.suspendedByHolderAt : dataset.suspendedByRegulatorAt;
  const send = (method: string, args: readonly unknown[]) =>
    act.run(() => transact(connection, manifest, "DatasetRegistry", method, args));
  return (
    <Flex vertical gap="middle" align="start">
      {act.problem !== undefined && !isAsked && <Alert showIcon type="error" title={act.problem} />}
      {since === null ? (
        <Button danger disabled={act.isBusy} onClick={() => setAsked(true)}>
          {tell("acts.suspend")}
        </Button>
      ) : (
        <BusyButton type="primary" isBusy={act.isBusy} onClick={() => void send("reinstate", [dataset.id])}>
          {tell("acts.reinstate")}
        </BusyButton>
      )}
      {isAsked && (
        <ReasonDialog
          act="suspend"
          isBusy={act.isBusy}
          problem={act.problem}
          onCancel={() => setAsked(false)}
          onReason={(reason) => void send("suspend", [dataset.id, reason]).then((isDone) => isDone && setAsked(false))}
        />
      )}
    </Flex>
  );
}
