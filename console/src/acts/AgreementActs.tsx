import { Alert, Button, Flex } from "antd";
import { useState } from "react";
import { Link } from "wouter";
import type { Capacity } from "../../../server/domain/terms.ts";
import type { Agreement } from "../agreements/AgreementPage.tsx";
import { useAnswer } from "../api/useAnswer.ts";
import { transact } from "../chain/transact.ts";
import { useText } from "../language/language.tsx";
import { BusyButton } from "../parts/BusyButton.tsx";
import { Account } from "../session/Account.tsx";
import { type Session, useSession } from "../session/SessionProvider.tsx";
import { ConnectWallet } from "./ConnectWallet.tsx";
import type { Integrity } from "./Integrity.tsx";
import { ReasonDialog } from "./ReasonDialog.tsx";
import { signTerms } from "./signTerms.ts";
import { useAct } from "./useAct.ts";

type Props = { readonly agreement: Agreement; readonly integrity: Integrity };

/** What the participant who is signed in can do with an agreement: sign, refuse, suspend, reinstate, terminate. */
export function AgreementActs({ agreement, integrity }: Props) {
  const tell = useText();
  const { session, connection } = useSession();
  if (session === undefined)
    return (
      <Flex gap="middle" wrap align="center">
        <span>{tell("acts.none")}</span>
        <Account />
      </Flex>
    );
  const capacity = capacityOf(agreement, session);
  if (capacity === undefined) return <span>{tell("acts.nothing")}</span>;
  if (session.delegate) return <Alert showIcon type="info" title={tell("acts.delegate")} />;
  if (connection === undefined) return <ConnectWallet />;
  return <Acts agreement={agreement} integrity={integrity} capacity={capacity} session={session} />;
}

type ActsProps = Props & { readonly capacity: Capacity; readonly session: Session };

function Acts({ agreement, integrity, capacity, session }: ActsProps) {
  const tell = useText();
  const { connection } = useSession();
  const about = useAnswer("gateway", {});
  const act = useAct();
  const [asked, setAsked] = useState<"refuse" | "suspend" | "terminate">();
  const { id, status, terms, signatures, pending, suspensions } = agreement;
  const manifest = about.data?.manifest;
  if (manifest === undefined || connection === undefined) return null;

  const hasSigned = signatures.some(
    (one) => one.capacity === capacity && String(one.signer.id) === session.participant.id,
  );
  const canSign = !hasSigned && status === "Offered" && pending.some((one) => one.capacity === capacity);
  const isStanding = status === "InForce" || status === "Scheduled" || status === "Suspended";
  const hasSuspended = suspensions.some((one) => one.capacity === capacity);
  const send = (method: string, args: readonly unknown[]) =>
    act.run(() => transact(connection, manifest, "AgreementRegistry", method, args));
  const stop = async (reason: string): Promise<void> => {
    if (await send(asked === "suspend" ? "suspend" : "terminate", [id, reason])) setAsked(undefined);
  };
  return (
    <Flex vertical gap="middle">
      {hasSigned && status === "Offered" && (
        <Alert showIcon type="success" title={tell("acts.signed", { capacity: tell(`capacity.${capacity}`) })} />
      )}
      {act.problem !== undefined && asked === undefined && <Alert showIcon type="error" title={act.problem} />}
      <Flex gap="small" wrap align="center">
        {capacity === "Assignee" && status === "InForce" && (
          <Link href={`/agreements/${id}/query`}>{tell("acts.query")}</Link>
        )}
        {canSign && (
          <BusyButton
            type="primary"
            isBusy={act.isBusy}
            disabled={integrity.holds !== true}
            onClick={() =>
              void act.run(() => signTerms(connection, manifest, id, terms, capacity, session.participant.id))
            }
          >
            {tell(`acts.sign.${capacity}`)}
          </BusyButton>
        )}
        {status === "Offered" && (
          <Button danger disabled={act.isBusy} onClick={() => setAsked("refuse")}>
            {tell("acts.refuse")}
          </Button>
        )}
        {isStanding && !hasSuspended && (
          <Button danger disabled={act.isBusy} onClick={() => setAsked("suspend")}>
            {tell("acts.suspend")}
          </Button>
        )}
        {isStanding && hasSuspended && (
          <BusyButton type="primary" isBusy={act.isBusy} onClick={() => void send("reinstate", [id])}>
            {tell("acts.reinstate")}
          </BusyButton>
        )}
        {isStanding && (
          <Button danger disabled={act.isBusy} onClick={() => setAsked("terminate")}>
            {tell("acts.terminate")}
          </Button>
        )}
        {!isStanding && status !== "Offered" && <span>{tell("acts.nothing")}</span>}
      </Flex>
      {asked !== undefined && (
        <ReasonDialog
          act={asked}
          isBusy={act.isBusy}
          problem={act.problem}
          onReason={(reason) => void stop(reason)}
          onCancel={() => setAsked(undefined)}
        />
      )}
    </Flex>
  );
}

/** In which capacity the participant who is signed in may act on an agreement. */
function capacityOf({ terms }: Agreement, { participant, roles }: Session): Capacity | undefined {
  if (terms.assigner === participant.id) return "Assigner";
  if (terms.assignee === participant.id) return "Assignee";
  return roles.includes("Regulator") ? "Regulator" : undefined;
}
