import { Form, Input, Select } from "antd";
import { denialReasons, gatewayReasons } from "../../../server/domain/reasons.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { useText } from "../language/language.tsx";
import { visible } from "../parts/visible.ts";
import type { Fields } from "./filter.ts";

type Props = {
  readonly kind: "Usage" | undefined;
  readonly fields: Fields;
  readonly onChange: (fields: Fields) => void;
};

/** Which entries are meant. Each choice is a reading of its own, so nothing is asked before it is made. */
export function EntryFilter({ kind, fields, onChange }: Props) {
  const tell = useText();
  const participants = useAnswer("participants", { limit: "200" });
  const datasets = useAnswer("datasets", { limit: "200" });
  const reasons = [...denialReasons, ...gatewayReasons];
  return (
    <Form<Fields>
      layout="vertical"
      className="row"
      initialValues={fields}
      onValuesChange={(_, chosen) => onChange(chosen)}
    >
      {kind === undefined && (
        <Form.Item name="kind" label={tell("trail.kind")}>
          <Select
            allowClear
            placeholder={tell("parts.all")}
            options={(["Usage", "Trail"] as const).map((value) => ({ value, label: tell(`trail.kind.${value}`) }))}
          />
        </Form.Item>
      )}
      <Form.Item name="outcome" label={tell("trail.outcome")}>
        <Select
          allowClear
          placeholder={tell("parts.all")}
          options={(["Permitted", "Denied", "Failed"] as const).map((value) => ({
            value,
            label: tell(`outcome.${value}`),
          }))}
        />
      </Form.Item>
      <Form.Item name="reason" label={tell("trail.reason")}>
        <Select
          allowClear
          placeholder={tell("parts.all")}
          showSearch={{ optionFilterProp: "label" }}
          options={reasons.map((value) => ({ value, label: tell(`reason.${value}`) }))}
        />
      </Form.Item>
      {kind === undefined && (
        <Form.Item name="participant" label={tell("trail.who")}>
          <Select
            allowClear
            placeholder={tell("parts.all")}
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
          placeholder={tell("parts.all")}
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
