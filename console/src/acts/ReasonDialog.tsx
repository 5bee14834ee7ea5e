import { Alert, Flex, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useText } from "../language/language.tsx";
import type { TextKey } from "../language/texts.ts";

type Props = {
  readonly act: "refuse" | "suspend" | "terminate";
  readonly isBusy: boolean;
  readonly problem: string | undefined;
  readonly onReason: (reason: string) => void;
  readonly onCancel: () => void;
};

const mostBytes = 256;

/** Asks for the reason that will stand on chain. */
export function ReasonDialog({ act, isBusy, problem, onReason, onCancel }: Props) {
  const tell = useText();
  const [reason, setReason] = useState("");
  const isTooLong = new TextEncoder().encode(reason.trim()).length > mostBytes;
  return (
    <Modal
      open
      title={tell(`acts.${act}`)}
      okText={tell(`acts.${act}`)}
      cancelText={tell("acts.cancel")}
      okButtonProps={{ danger: true, type: "default", disabled: reason.trim() === "" || isTooLong, loading: isBusy }}
      onOk={() => onReason(reason.trim())}
      onCancel={onCancel}
    >
      <Flex vertical gap="middle">
        <span>{tell(`acts.${act}.lead` as TextKey)}</span>
        {problem !== undefined && <Alert showIcon type="error" title={problem} />}
        <Form layout="vertical" component={false}>
          <Form.Item
            label={tell("acts.reason")}
            htmlFor="reason"
            extra={tell("acts.reason.help")}
            validateStatus={isTooLong ? "error" : ""}
            style={{ marginBottom: 0 }}
          >
            <Input.TextArea
              id="reason"
              value={reason}
              autoFocus
              maxLength={256}
              rows={3}
              onChange={({ target }) => setReason(target.value)}
            />
          </Form.Item>
        </Form>
      </Flex>
    </Modal>
  );
}
