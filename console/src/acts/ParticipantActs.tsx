import { Flex } from "antd";
import type { Output } from "../../../server/api/routes.ts";
import { useText } from "../language/language.tsx";
import { Section } from "../parts/Section.tsx";
import { useSession } from "../session/SessionProvider.tsx";
import { ConnectWallet } from "./ConnectWallet.tsx";
import { Stops } from "./Stops.tsx";

type Participant = Output<"participant">["participant"];

/** Lets a regulator suspend a participant, and reinstate it; nothing for anybody else, nor for a regulator about itself. */
export function ParticipantActs({ participant: { id, suspendedAt } }: { readonly participant: Participant }) {
  const tell = useText();
  const { session, connection } = useSession();
  if (session === undefined || session.delegate || !session.roles.includes("Regulator")) return null;
  if (session.participant.id === String(id)) return null;
  return (
    <Section title={tell("acts.title")}>
      <Flex vertical gap="middle" align="start">
        <span>{tell("acts.participant.lead")}</span>
        {connection === undefined ? (
          <ConnectWallet />
        ) : (
          <Stops contract="ParticipantRegistry" id={id} isStopped={suspendedAt !== null} />
        )}
      </Flex>
    </Section>
  );
}
