import { Tag } from "antd";
import { useText } from "../language/language.tsx";

export function ParticipantStatus({ of: status }: { readonly of: "Active" | "Suspended" }) {
  return <Tag color={status === "Active" ? "green" : "red"}>{useText()(`participantStatus.${status}`)}</Tag>;
}
