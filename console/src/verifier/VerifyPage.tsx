import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Flex, Form, Input, Select } from "antd";
import { useMemo, useRef, useState } from "react";
import { z } from "zod";
import { entrySchema, receiptSchema, resultSchema, signedRequestSchema } from "../../../server/api/usage.ts";
import { client } from "../api/client.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { BusyButton } from "../parts/BusyButton.tsx";
import { Page } from "../parts/Page.tsx";
import { Section } from "../parts/Section.tsx";
import { visible } from "../parts/visible.ts";
import { Basis } from "./Basis.tsx";
import { PinSection } from "./PinSection.tsx";
import { useChain } from "./useChain.ts";
import { Verify } from "./Verify.tsx";
import type { Evidence } from "./verifyEvidence.ts";
import { verifyLog } from "./verifyLog.ts";

const evidenceSchema = z.strictObject({
  signed: signedRequestSchema.optional(),
  entry: entrySchema,
  receipt: receiptSchema,
  result: resultSchema.optional(),
});

/** Verifies what a consumer kept, or a whole log, for everybody. */
export function VerifyPage() {
  const tell = useText();
  const [text, setText] = useState("");
  const file = useRef<HTMLInputElement>(null);
  const found = useMemo(() => (text.trim() === "" ? undefined : readEvidence(text)), [text]);
  return (
    <Page title={tell("verify.title")} lead={tell("verify.lead")}>
      <Section title={tell("verify.file")}>
        <Flex vertical gap="middle">
          <input
            ref={file}
            type="file"
            hidden
            accept="application/json,.json"
            onChange={({ target }) => void target.files?.[0]?.text().then(setText)}
          />
          <div>
            <Button onClick={() => file.current?.click()}>{tell("verify.choose")}</Button>
          </div>
          <Form layout="vertical" component={false}>
            <Form.Item label={tell("verify.paste")} htmlFor="evidence" style={{ marginBottom: 0 }}>
              <Input.TextArea
                id="evidence"
                className="code"
                spellCheck={false}
                rows={6}
                value={text}
                onChange={({ target }) => setText(target.value)}
              />
            </Form.Item>
          </Form>
          {typeof found === "string" && (
            <Alert showIcon type="error" title={tell("verify.unreadable", { problem: found })} />
          )}
          {typeof found === "object" && <Verify key={text} evidence={found} />}
        </Flex>
      </Section>
      <LogSection />
      <PinSection />
    </Page>
  );
}

/** Rebuilds the log of one gateway from the chain. */
function LogSection() {
  const tell = useText();
  const { number, seconds } = useFormat();
  const chain = useChain();
  const gateways = useAnswer("participants", { role: "Gateway", limit: "200" });
  const [chosen, setChosen] = useState<string>();
  const verification = useMutation({
    mutationFn: async (gateway: string) => {
      if (chain === undefined) throw new Error(tell("verify.noChain"));
      const { manifest } = await client.gateway();
      return { log: await verifyLog(chain.ask, manifest, gateway), manifest, chain };
    },
  });
  const verified = verification.data?.log;
  return (
    <Section title={tell("verify.log")}>
      <Answered of={gateways}>
        {({ items }) => {
          const gateway = chosen ?? items[0]?.id;
          return (
            <Flex vertical gap="middle" align="start">
              <span>{tell("verify.log.lead")}</span>
              <Flex gap="small" wrap>
                <Select
                  aria-label={tell("role.Gateway")}
                  value={gateway}
                  onChange={setChosen}
                  style={{ minWidth: 240 }}
                  options={items.map(({ id, name }) => ({ value: String(id), label: visible(name) }))}
                />
                <BusyButton
                  disabled={chain === undefined || gateway === undefined}
                  isBusy={verification.isPending}
                  onClick={() => gateway !== undefined && verification.mutate(gateway)}
                >
                  {tell("verify.log")}
                </BusyButton>
              </Flex>
              {chain === undefined && (
                <Alert
                  showIcon
                  type="info"
                  title={tell("verify.noChain")}
                  description={tell("verify.noChain.advice")}
                />
              )}
              {verification.isError && (
                <Alert showIcon type="error" title={tell("verify.failed", { message: String(verification.error) })} />
              )}
              {verified?.holds === true && (
                <Alert
                  showIcon
                  type="success"
                  title={tell("verify.log.holds", {
                    size: number(verified.size),
                    batches: number(verified.batches),
                    block: number(verified.block),
                    time: seconds(verified.time),
                  })}
                />
              )}
              {verification.data !== undefined && (
                <Basis manifest={verification.data.manifest} chain={verification.data.chain} />
              )}
              {verified?.holds === false && (
                <Alert showIcon type="error" title={tell("verify.log.broken", { start: number(verified.start) })} />
              )}
            </Flex>
          );
        }}
      </Answered>
    </Section>
  );
}

/** Reads evidence, or says in a sentence why it is none. */
function readEvidence(text: string): Evidence | string {
  try {
    const parsed = evidenceSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return z.prettifyError(parsed.error).slice(0, 300);
    const { signed, result, entry, receipt } = parsed.data;
    return { entry, receipt, ...(signed && { signed }), ...(result && { result }) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
