import { Form, Input, InputNumber, Select } from "antd";
import { disclosures } from "../../../server/domain/terms.ts";
import { useLanguage } from "../language/language.tsx";
import { purposes } from "../purposes/purposes.ts";
import type { Decided } from "./command.ts";

export type RuleFields = Omit<Decided, "tables">;

export const usualRules: RuleFields = {
  name: "visits",
  title: "",
  purposes: ["DUO:0000007"],
  maxDisclosure: "Deidentified",
  minCohort: 10,
  approvals: 1,
};

/** How a dataset is called, and what its holder permits at most. */
export function Rules({ onChange }: { readonly onChange: (rules: RuleFields) => void }) {
  const { language, tell } = useLanguage();
  return (
    <Form<RuleFields>
      layout="vertical"
      requiredMark={false}
      initialValues={usualRules}
      onValuesChange={(_, rules) => onChange({ ...usualRules, ...rules })}
    >
      <div className="row">
        <Form.Item name="name" label={tell("datasets.name")} extra={tell("import.name.help")}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="title" label={tell("import.titleOf")}>
          <Input maxLength={200} />
        </Form.Item>
      </div>
      <Form.Item name="purposes" label={tell("datasets.purposes")}>
        <Select
          mode="tags"
          options={purposes.map(({ code, name }) => ({
            value: code,
            label: `${name[language === "zh" ? 1 : 0]} (${code})`,
          }))}
        />
      </Form.Item>
      <div className="row">
        <Form.Item name="maxDisclosure" label={tell("datasets.maxDisclosure")}>
          <Select options={disclosures.map((value) => ({ value, label: tell(`disclosure.${value}`) }))} />
        </Form.Item>
        <Form.Item name="minCohort" label={tell("datasets.minCohort")}>
          <InputNumber min={5} precision={0} style={{ width: "100%" }} />
        </Form.Item>
        <Form.Item name="approvals" label={tell("datasets.approvals")}>
          <InputNumber min={1} max={9} precision={0} style={{ width: "100%" }} />
        </Form.Item>
      </div>
    </Form>
  );
}
