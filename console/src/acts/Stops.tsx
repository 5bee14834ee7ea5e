import { Alert, Button, Flex } from "antd";
import { useState } from "react";
import { useAnswer } from "../api/useAnswer.ts";
import { transact } from "../chain/transact.ts";
import { useText } from "../language/language.tsx";
import { BusyButton } from "../parts/BusyButton.tsx";
import { useSession } from "../session/SessionProvider.tsx";
import { ReasonDialog } from "./ReasonDialog.tsx";
import { useAct } from "./useAct.ts";

type Props = {
  readonly contract: "DatasetRegistry" | "ParticipantRegistry";
  readonly id: string;
  /** Whether it is stopped already by who is signed in, who can then undo that. */
  readonly isStopped: boolean;
};

/** Suspends something with a reason that stands on chain, or reinstates it. */
export function Stops({ contract, id, isStopped }: Props) {
  const tell = useText();
  const { connection } = useSession();
  const about = useAnswer("gateway", {});
  const act = useAct();
  const [isAsked, setAsked] = useState(false);
  const manifest = about.data?.manifest;
  if (connection === undefined || manifest === undefined) return null;
  const send = (method: string, args: readonly unknown[]) =>
    act.run(() => transact(connection, manifest, contract, method, args));
  return (
    <Flex vertical gap="middle" align="start">
      {act.problem !== undefined && !isAsked && <Alert showIcon type="error" title={act.problem} />}
      {isStopped ? (
        <BusyButton type="primary" isBusy={act.isBusy} onClick={() => void send("reinstate", [id])}>
          {tell("acts.reinstate")}
        </BusyButton>
      ) : (
        <Button danger disabled={act.isBusy} onClick={() => setAsked(true)}>
          {tell("acts.suspend")}
        </Button>
      )}
      {isAsked && (
        <ReasonDialog
          act="suspend"
          isBusy={act.isBusy}
          problem={act.problem}
          onCancel={() => setAsked(false)}
          onReason={(reason) => void send("suspend", [id, reason]).then((isDone) => isDone && setAsked(false))}
        />
      )}
    </Flex>
  );
}
