import { Alert, Flex, Form, Input, Select } from "antd";
import { useState } from "react";
import { findingStates, severities } from "../../../server/domain/finding.ts";
import { ConnectWallet } from "../acts/ConnectWallet.tsx";
import { useAct } from "../acts/useAct.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { BusyButton } from "../parts/BusyButton.tsx";
import { Section } from "../parts/Section.tsx";
import { useSession } from "../session/SessionProvider.tsx";
import { signFinding, type Written } from "./signFinding.ts";

type Props = {
  readonly entries: readonly number[];
  readonly before?: Pick<Written, "finding" | "previous"> & Partial<Written>;
};

/** Lets a regulator record a finding about entries, or a further revision of one; shows nothing to anybody else. */
export function RecordFinding({ entries, before }: Props) {
  const tell = useText();
  const { number } = useFormat();
  const { session, connection } = useSession();
  const about = useAnswer("gateway", {});
  const act = useAct();
  const [form] = Form.useForm<Pick<Written, "severity" | "state" | "text">>();
  const [recorded, setRecorded] = useState<number>();
  if (session === undefined || !session.roles.includes("Regulator") || session.delegate) return null;
  const title = tell(before === undefined ? "findings.record" : "findings.revise");
  if (connection === undefined)
    return (
      <Section title={title}>
        <ConnectWallet />
      </Section>
    );
  const record = async (written: Pick<Written, "severity" | "state" | "text">): Promise<void> => {
    const { data } = about;
    if (data === undefined) return;
    const links = before && { finding: before.finding, previous: before.previous };
    await act.run(async () => {
      const { receipt } = await signFinding(connection, data, { ...links, ...written, entries } as Written);
      setRecorded(receipt.index);
      form.resetFields(["text"]);
    });
  };
  return (
    <Section title={title}>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={(written) => void record(written)}
        initialValues={{ severity: before?.severity ?? "Minor", state: before?.state ?? "Open" }}
      >
        <div className="row">
          <Form.Item name="severity" label={tell("findings.severity")}>
            <Select options={severities.map((value) => ({ value, label: tell(`severity.${value}`) }))} />
          </Form.Item>
          <Form.Item name="state" label={tell("findings.state")}>
            <Select options={findingStates.map((value) => ({ value, label: tell(`findingState.${value}`) }))} />
          </Form.Item>
        </div>
        <Form.Item
          name="text"
          label={tell("findings.text")}
          extra={tell("findings.text.help")}
          rules={[{ required: true, message: tell("request.missing") }]}
        >
          <Input.TextArea rows={3} maxLength={4_000} />
        </Form.Item>
        <Flex vertical gap="middle" align="start">
          {act.problem !== undefined && <Alert showIcon type="error" title={act.problem} />}
          {recorded !== undefined && (
            <Alert showIcon type="success" title={tell("findings.recorded", { index: number(recorded) })} />
          )}
          <BusyButton htmlType="submit" isBusy={act.isBusy}>
            {tell("findings.sign")}
          </BusyButton>
        </Flex>
      </Form>
    </Section>
  );
}
