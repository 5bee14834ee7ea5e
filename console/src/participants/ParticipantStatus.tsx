import { useText } from "../language/language.tsx";
import { Badge } from "../parts/Badge.tsx";

export function ParticipantStatus({ of: status }: { readonly of: "Active" | "Suspended" }) {
  return <Badge tone={status === "Active" ? "good" : "bad"}>{useText()(`participantStatus.${status}`)}</Badge>;
}
