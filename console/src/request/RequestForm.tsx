import { Alert, Checkbox, Flex, Form, Input, InputNumber, Radio, Select } from "antd";
import { useLocation } from "wouter";
import type { Output } from "../../../server/api/routes.ts";
import { numberFields } from "../../../server/domain/dataset.ts";
import type { ParticipantId } from "../../../server/domain/ids.ts";
import { assurances, disclosures } from "../../../server/domain/terms.ts";
import { ConnectWallet } from "../acts/ConnectWallet.tsx";
import { useAct } from "../acts/useAct.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { registryOf } from "../chain/integrity.ts";
import { agreementId, encodedTerms } from "../chain/terms.ts";
import { transact } from "../chain/transact.ts";
import { useFormat } from "../language/format.ts";
import { useLanguage } from "../language/language.tsx";
import { BusyButton } from "../parts/BusyButton.tsx";
import { LevelTag } from "../parts/LevelTag.tsx";
import { Section } from "../parts/Section.tsx";
import { short } from "../parts/short.ts";
import { Told } from "../parts/Told.tsx";
import { visible } from "../parts/visible.ts";
import { Purpose } from "../purposes/Purpose.tsx";
import { purposeName } from "../purposes/purposes.ts";
import { useSession } from "../session/SessionProvider.tsx";
import { type Draft, dayIn, termsOf } from "./draft.ts";

type Dataset = Output<"dataset">["dataset"];

/** Everything that a consumer asks for of one dataset; ends with the offer on chain. */
export function RequestForm({ dataset, assignee }: { readonly dataset: Dataset; readonly assignee: string }) {
  const { language, tell } = useLanguage();
  const { time } = useFormat();
  const [form] = Form.useForm<Draft>();
  const { connection } = useSession();
  const about = useAnswer("gateway", {});
  const own = useAnswer("agreements", { dataset: dataset.id, party: assignee as ParticipantId, limit: "200" });
  const act = useAct();
  const [, go] = useLocation();
  const { rules, description } = dataset;
  const required = [{ required: true, message: tell("request.missing") }];
  const some = [
    {
      validator: (_: unknown, fields: readonly number[]) =>
        fields.length > 0 ? Promise.resolve() : Promise.reject(new Error(tell("request.missing"))),
    },
  ];
  const served = disclosures
    .slice(0, disclosures.indexOf(rules.maxDisclosure) + 1)
    .filter((one) => one !== "Identified");
  const replaceable = (own.data?.items ?? []).filter(({ status }) => status === "InForce" || status === "Scheduled");

  const offer = async (draft: Draft): Promise<void> => {
    if (connection === undefined || about.data === undefined) return;
    const { manifest } = about.data;
    const terms = termsOf(draft, dataset, assignee as ParticipantId);
    const args = [encodedTerms(terms), draft.policy.trim()];
    const isDone = await act.run(() => transact(connection, manifest, "AgreementRegistry", "offer", args));
    if (isDone) go(`/agreements/${agreementId(terms, registryOf(manifest))}`);
  };
  if (connection === undefined) return <ConnectWallet />;
  return (
    <Form<Draft>
      form={form}
      layout="vertical"
      requiredMark={false}
      scrollToFirstError
      onFinish={(draft) => void offer(draft)}
      initialValues={{
        purpose: rules.purposes[0],
        fields: [],
        disclosure: "Aggregate",
        minCohort: Math.max(10, rules.minCohort),
        maxUses: 1_000,
        maxRows: 1_000,
        from: dayIn(0),
        until: dayIn(365),
        assurance: "Receipt",
      }}
    >
      <Flex vertical gap="large">
        <Section title={tell("request.purpose")}>
          <Form.Item name="purpose" extra={tell("request.purpose.help")} rules={required}>
            <Radio.Group aria-label={tell("request.purpose")}>
              <Flex vertical gap="middle">
                {rules.purposes.map((code) => (
                  <Radio key={code} value={code}>
                    <Purpose of={code} isLong />
                  </Radio>
                ))}
              </Flex>
            </Radio.Group>
          </Form.Item>
          {replaceable.length > 0 && (
            <Form.Item name="replaces" label={tell("request.replaces")} extra={tell("request.replaces.help")}>
              <Select
                allowClear
                options={replaceable.map(({ id, purpose, validUntil }) => ({
                  value: String(id),
                  label: visible(
                    `${purposeName(purpose, language)} · ${short(id)} · ${tell("agreements.until")} ${time(validUntil)}`,
                  ),
                }))}
              />
            </Form.Item>
          )}
        </Section>
        <Section title={tell("agreement.scope")}>
          <Form.Item name="fields" label={tell("request.fields")} extra={tell("request.fields.help")} rules={some}>
            <Checkbox.Group style={{ width: "100%" }}>
              <Flex vertical gap="middle" style={{ width: "100%" }}>
                {description.tables.map(({ name: table }) => (
                  <fieldset key={table} className="fields">
                    <legend>{table}</legend>
                    {numberFields(description)
                      .filter((field) => field.table === table)
                      .map(({ number, name, level }) => (
                        <Checkbox key={number} value={number} disabled={level === "Direct"}>
                          <Told of={name} /> <LevelTag of={level} />
                        </Checkbox>
                      ))}
                  </fieldset>
                ))}
              </Flex>
            </Checkbox.Group>
          </Form.Item>
          <Form.Item name="rows" label={tell("request.rows")} extra={tell("request.rows.help")}>
            <Input className="code" maxLength={512} spellCheck={false} />
          </Form.Item>
        </Section>
        <Section title={tell("request.limits")}>
          <Form.Item name="disclosure" label={tell("request.disclosure")} rules={required}>
            <Radio.Group>
              <Flex vertical gap="small">
                {served.map((one) => (
                  <Radio key={one} value={one}>
                    <strong>{tell(`disclosure.${one}`)}</strong>
                    <br />
                    {tell(`disclosure.${one}.meaning`)}
                  </Radio>
                ))}
              </Flex>
            </Radio.Group>
          </Form.Item>
          <Form.Item name="assurance" label={tell("request.assurance")} rules={required}>
            <Radio.Group>
              <Flex vertical gap="small">
                {assurances.map((one) => (
                  <Radio key={one} value={one}>
                    <strong>{tell(`assurance.${one}`)}</strong>
                    <br />
                    {tell(`assurance.${one}.meaning`)}
                  </Radio>
                ))}
              </Flex>
            </Radio.Group>
          </Form.Item>
          <div className="row">
            <Form.Item
              name="minCohort"
              label={tell("request.minCohort")}
              extra={tell("request.minCohort.help", { floor: rules.minCohort })}
              rules={required}
            >
              <InputNumber
                min={Math.max(1, rules.minCohort)}
                max={4_294_967_295}
                precision={0}
                style={{ width: "100%" }}
              />
            </Form.Item>
            <Form.Item name="maxUses" label={tell("request.maxUses")} rules={required}>
              <InputNumber min={1} max={Number.MAX_SAFE_INTEGER} precision={0} style={{ width: "100%" }} />
            </Form.Item>
            <Form.Item name="maxRows" label={tell("request.maxRows")} rules={required}>
              <InputNumber min={1} max={Number.MAX_SAFE_INTEGER} precision={0} style={{ width: "100%" }} />
            </Form.Item>
          </div>
          <div className="row">
            <Form.Item name="from" label={tell("request.from")} rules={required}>
              <Input type="date" min={dayIn(0)} />
            </Form.Item>
            <Form.Item
              name="until"
              label={tell("request.until")}
              dependencies={["from"]}
              rules={[
                ...required,
                ({ getFieldValue }) => ({
                  validator: (_, until: string) =>
                    until > getFieldValue("from")
                      ? Promise.resolve()
                      : Promise.reject(new Error(tell("request.periodInvalid"))),
                }),
              ]}
            >
              <Input type="date" min={dayIn(1)} />
            </Form.Item>
          </div>
        </Section>
        <Section title={tell("request.policy")}>
          <Form.Item name="policy" extra={tell("request.policy.help")} rules={required}>
            <Input.TextArea rows={4} maxLength={2_000} aria-label={tell("request.policy")} />
          </Form.Item>
          <Flex vertical gap="middle" align="start">
            {act.problem !== undefined && <Alert showIcon type="error" title={act.problem} />}
            <span className="quiet">{tell("request.offer.help")}</span>
            <BusyButton type="primary" htmlType="submit" isBusy={act.isBusy}>
              {tell("request.offer")}
            </BusyButton>
          </Flex>
        </Section>
      </Flex>
    </Form>
  );
}
