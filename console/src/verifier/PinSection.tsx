import { Alert, Button, Flex, Form, Input } from "antd";
import { useRef, useState } from "react";
import { useAnswer } from "../api/useAnswer.ts";
import { useText } from "../language/language.tsx";
import { Hash } from "../parts/Hash.tsx";
import { Section } from "../parts/Section.tsx";
import { Pinned } from "./Basis.tsx";
import { digestOf, pin, usePin } from "./pin.ts";

/** Lets a reader say on this device which deployment verdicts must be over. */
export function PinSection() {
  const tell = useText();
  const pinnedDigest = usePin();
  const about = useAnswer("gateway", {});
  const [text, setText] = useState("");
  const [isRefused, setRefused] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const take = async (given: string): Promise<void> => {
    const digest = await digestOf(given);
    setRefused(digest === undefined);
    if (digest === undefined) return;
    pin(digest);
    setText("");
  };
  return (
    <Section title={tell("pin.title")}>
      <Flex vertical gap="middle" align="start">
        <span>{tell("pin.lead")}</span>
        {about.data !== undefined && <Pinned manifest={about.data.manifest} />}
        {pinnedDigest !== undefined && (
          <Flex gap="small" align="center" wrap>
            {tell("pin.present")} <Hash of={pinnedDigest} />
            <Button size="small" onClick={() => pin(undefined)}>
              {tell("pin.remove")}
            </Button>
          </Flex>
        )}
        <input
          ref={file}
          type="file"
          hidden
          accept="application/json,.json"
          onChange={({ target }) => void target.files?.[0]?.text().then(take)}
        />
        <Form layout="vertical" component={false}>
          <Form.Item label={tell("pin.digest")} htmlFor="pin" style={{ marginBottom: 0, width: "100%" }}>
            <Input id="pin" className="code" value={text} onChange={({ target }) => setText(target.value)} />
          </Form.Item>
        </Form>
        {isRefused && <Alert showIcon type="error" title={tell("pin.refused")} />}
        <Flex gap="small" wrap>
          <Button onClick={() => void take(text)}>{tell("pin.button")}</Button>
          <Button onClick={() => file.current?.click()}>{tell("pin.file")}</Button>
        </Flex>
      </Flex>
    </Section>
  );
}
