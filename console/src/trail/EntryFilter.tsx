import { Form, Input, Select } from "antd";
import type { Input as Asked } from "../../../server/api/routes.ts";
import type { DatasetId, ParticipantId } from "../../../server/domain/ids.ts";
import { denialReasons, gatewayReasons, type Reason } from "../../../server/domain/reasons.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { useText } from "../language/language.tsx";
import { visible } from "../parts/visible.ts";

export type Filter = Omit<Asked<"entries">, "cursor" | "limit">;

type Fields = {
  readonly kind?: "Usage" | "Trail";
  readonly outcome?: "Permitted" | "Denied" | "Failed";
  readonly reason?: Reason;
  readonly participant?: string;
  readonly dataset?: string;
  readonly from?: string;
  readonly until?: string;
};

type Props = { readonly kind: "Usage" | undefined; readonly onChange: (filter: Filter) => void };

/** Which entries are meant. Each choice is a reading of its own, so nothing is asked before it is made. */
export function EntryFilter({ kind, onChange }: Props) {
  const tell = useText();
  const participants = useAnswer("participants", { limit: "200" });
  const datasets = useAnswer("datasets", { limit: "200" });
  const reasons = [...denialReasons, ...gatewayReasons];
  return (
    <Form<Fields>
      layout="vertical"
      className="row"
      onValuesChange={(_, fields) => onChange(filterOf(kind === undefined ? fields : { ...fields, kind }))}
    >
      {kind === undefined && (
        <Form.Item name="kind" label={tell("trail.kind")}>
          <Select
            allowClear
            options={(["Usage", "Trail"] as const).map((value) => ({ value, label: tell(`trail.kind.${value}`) }))}
          />
        </Form.Item>
      )}
      <Form.Item name="outcome" label={tell("trail.outcome")}>
        <Select
          allowClear
          options={(["Permitted", "Denied", "Failed"] as const).map((value) => ({
            value,
            label: tell(`outcome.${value}`),
          }))}
        />
      </Form.Item>
      <Form.Item name="reason" label={tell("trail.reason")}>
        <Select
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          options={reasons.map((value) => ({ value, label: tell(`reason.${value}`) }))}
        />
      </Form.Item>
      {kind === undefined && (
        <Form.Item name="participant" label={tell("trail.who")}>
          <Select
            allowClear
            showSearch={{ optionFilterProp: "label" }}
            options={(participants.data?.items ?? []).map(({ id, name }) => ({
              value: String(id),
              label: visible(name),
            }))}
          />
        </Form.Item>
      )}
      <Form.Item name="dataset" label={tell("trail.dataset")}>
        <Select
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          options={(datasets.data?.items ?? []).map(({ id, name }) => ({ value: String(id), label: visible(name) }))}
        />
      </Form.Item>
      <Form.Item name="from" label={tell("trail.from")}>
        <Input type="date" />
      </Form.Item>
      <Form.Item name="until" label={tell("trail.until")}>
        <Input type="date" />
      </Form.Item>
    </Form>
  );
}

function filterOf({ kind, outcome, reason, participant, dataset, from, until }: Fields): Filter {
  return {
    ...(kind && { kind }),
    ...(outcome && { outcome }),
    ...(reason && { reason }),
    ...(participant && { participant: participant as ParticipantId }),
    ...(dataset && { dataset: dataset as DatasetId }),
    ...(from && { from: startOf(from) }),
    ...(until && { until: startOf(until) }),
  };
}

/** The first moment of a day where the reader is. */
function startOf(day: string): string {
  return new Date(`${day}T00:00:00`).toISOString();
}
