import { Link } from "wouter";
import type { Output } from "../../../server/api/routes.ts";
import { useText } from "../language/language.tsx";
import { Section } from "../parts/Section.tsx";
import { useSession } from "../session/SessionProvider.tsx";
import { ConnectWallet } from "./ConnectWallet.tsx";
import { Stops } from "./Stops.tsx";

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
      {(isHolder || isRegulator) && connection !== undefined && dataset.status === "Retired" && (
        <span>{tell("acts.nothing")}</span>
      )}
      {(isHolder || isRegulator) && connection !== undefined && dataset.status !== "Retired" && (
        <Stops
          contract="DatasetRegistry"
          id={dataset.id}
          isStopped={(isHolder ? dataset.suspendedByHolderAt : dataset.suspendedByRegulatorAt) !== null}
        />
      )}
    </Section>
  );
}
