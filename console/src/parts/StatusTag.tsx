import { Tag } from "antd";
import type { DatasetStatus, Status } from "../../../server/domain/status.ts";
import { useText } from "../language/language.tsx";

const colors: Readonly<Record<Status, string>> = {
  Unknown: "default",
  Offered: "blue",
  Scheduled: "cyan",
  InForce: "green",
  Suspended: "red",
  Expired: "default",
  Terminated: "default",
};

export function StatusTag({ of: status }: { readonly of: Status }) {
  return <Tag color={colors[status]}>{useText()(`status.${status}`)}</Tag>;
}

const datasetColors: Readonly<Record<DatasetStatus, string>> = {
  Active: "green",
  Suspended: "red",
  Retired: "default",
};

export function DatasetStatusTag({ of: status }: { readonly of: DatasetStatus }) {
  return <Tag color={datasetColors[status]}>{useText()(`datasetStatus.${status}`)}</Tag>;
}
