import type { ComponentProps } from "react";
import type { DatasetStatus, Status } from "../../../server/domain/status.ts";
import { useText } from "../language/language.tsx";
import { Badge } from "./Badge.tsx";

type Tone = NonNullable<ComponentProps<typeof Badge>["tone"]>;

const tones: Readonly<Record<Status, Tone>> = {
  Unknown: "quiet",
  Offered: "new",
  Scheduled: "new",
  InForce: "good",
  Suspended: "bad",
  Expired: "quiet",
  Terminated: "quiet",
};

export function StatusTag({ of: status }: { readonly of: Status }) {
  return <Badge tone={tones[status]}>{useText()(`status.${status}`)}</Badge>;
}

const datasetTones: Readonly<Record<DatasetStatus, Tone>> = { Active: "good", Suspended: "bad", Retired: "quiet" };

export function DatasetStatusTag({ of: status }: { readonly of: DatasetStatus }) {
  return <Badge tone={datasetTones[status]}>{useText()(`datasetStatus.${status}`)}</Badge>;
}
