import { Alert, Flex, Form, InputNumber, Select } from "antd";
import type { Output } from "../../../server/api/routes.ts";
import { type FieldLevel, fieldLevels, numberFields } from "../../../server/domain/dataset.ts";
import { disclosures } from "../../../server/domain/terms.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { encodedDescription } from "../chain/terms.ts";
import { transact } from "../chain/transact.ts";
import { useLanguage } from "../language/language.tsx";
import { BusyButton } from "../parts/BusyButton.tsx";
import { Section } from "../parts/Section.tsx";
import { visible } from "../parts/visible.ts";
import { purposes } from "../purposes/purposes.ts";
import { useSession } from "../session/SessionProvider.tsx";
import { useAct } from "./useAct.ts";

type Dataset = Output<"dataset">["dataset"];
type Fields = Dataset["rules"] & { readonly levels: Readonly<Record<number, FieldLevel>> };

/** Lets the holder change what it permits at most, and the levels of fields. */
export function DatasetRules({ dataset }: { readonly dataset: Dataset }) {
  const { language, tell } = useLanguage();
  const { session, connection } = useSession();
  const about = useAnswer("gateway", {});
  const act = useAct();
  const manifest = about.data?.manifest;
  const isHolder = session !== undefined && String(dataset.holder.id) === session.participant.id && !session.delegate;
  if (!isHolder || connection === undefined || manifest === undefined || dataset.status === "Retired") return null;
  const { description, rules } = dataset;
  const places = numberFields(description);
  const update = ({ levels, ...changed }: Fields) =>
    act.run(() => {
      const levelOf = (table: string, field: string): FieldLevel | undefined =>
        levels[places.find((place) => place.table === table && place.name === field)?.number ?? -1];
      const tables = description.tables.map((table) => ({
        ...table,
        fields: table.fields.map((field) => ({ ...field, level: levelOf(table.name, field.name) ?? field.level })),
      }));
      return transact(connection, manifest, "DatasetRegistry", "update", [
        dataset.id,
        encodedDescription({ ...description, tables }),
        { ...changed, maxDisclosure: disclosures.indexOf(changed.maxDisclosure) },
      ]);
    });
  const required = [{ required: true, message: tell("request.missing") }];
  return (
    <Section title={tell("datasets.change")}>
      <Form<Fields>
        key={dataset.revision}
        layout="vertical"
        requiredMark={false}
        onFinish={(fields) => void update(fields)}
        initialValues={{
          ...rules,
          levels: Object.fromEntries(places.map(({ number, level }) => [number, level])),
        }}
      >
        <Form.Item name="purposes" label={tell("datasets.purposes")} rules={required}>
          <Select
            mode="tags"
            options={[
              ...purposes.map(({ code, name }) => ({
                value: code,
                label: `${name[language === "zh" ? 1 : 0]} (${code})`,
              })),
              ...rules.purposes
                .filter((given) => purposes.every(({ code }) => code !== given))
                .map((given) => ({ value: given, label: visible(given) })),
            ]}
          />
        </Form.Item>
        <div className="row">
          <Form.Item name="maxDisclosure" label={tell("datasets.maxDisclosure")} rules={required}>
            <Select options={disclosures.map((value) => ({ value, label: tell(`disclosure.${value}`) }))} />
          </Form.Item>
          <Form.Item name="minCohort" label={tell("datasets.minCohort")} rules={required}>
            <InputNumber min={1} max={4_294_967_295} precision={0} style={{ width: "100%" }} />
          </Form.Item>
          <Form.Item name="approvals" label={tell("datasets.approvals")} rules={required}>
            <InputNumber min={0} max={255} precision={0} style={{ width: "100%" }} />
          </Form.Item>
        </div>
        <details>
          <summary>{tell("datasets.change.levels")}</summary>
          <div className="row" style={{ marginTop: 16 }}>
            {places.map(({ number, table, name }) => (
              <Form.Item key={number} name={["levels", String(number)]} label={visible(`${table}.${name}`)}>
                <Select options={fieldLevels.map((value) => ({ value, label: tell(`level.${value}`) }))} />
              </Form.Item>
            ))}
          </div>
        </details>
        <Flex vertical gap="middle" align="start" style={{ marginTop: 16 }}>
          {act.problem !== undefined && <Alert showIcon type="error" title={act.problem} />}
          <span className="quiet">{tell("datasets.change.help")}</span>
          <BusyButton htmlType="submit" isBusy={act.isBusy}>
            {tell("datasets.change.button")}
          </BusyButton>
        </Flex>
      </Form>
    </Section>
  );
}
