import { Alert, Flex, Input } from "antd";
import { useRef, useState } from "react";
import { Link } from "wouter";
import { ApiProblem } from "../../../server/api/client.ts";
import { ConnectWallet } from "../acts/ConnectWallet.tsx";
import { describeProblem } from "../acts/describeProblem.ts";
import type { Agreement } from "../agreements/AgreementPage.tsx";
import { useAnswer } from "../api/useAnswer.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { BusyButton } from "../parts/BusyButton.tsx";
import { Page } from "../parts/Page.tsx";
import { Section } from "../parts/Section.tsx";
import { short } from "../parts/short.ts";
import { For } from "../session/For.tsx";
import { useSession } from "../session/SessionProvider.tsx";
import { type Asked, ask } from "./ask.ts";
import { FieldPicker } from "./FieldPicker.tsx";
import { ResultView } from "./ResultView.tsx";

/** Queries under one agreement. */
export function Workbench({ id }: { readonly id: string }) {
  const tell = useText();
  const agreement = useAnswer("agreement", { id: id as Agreement["id"] });
  const { assignee, dataset } = agreement.data?.agreement ?? {};
  const name =
    assignee && dataset ? tell("agreement.title", { assignee: assignee.name, dataset: dataset.name }) : short(id);
  return (
    <Page
      title={tell("workbench.title")}
      lead={tell("workbench.lead")}
      extra={<Link href={`/agreements/${id}`}>{tell("workbench.under", { agreement: name })}</Link>}
    >
      <For roles={["Consumer"]}>
        {(session) => (
          <Answered of={agreement}>
            {({ agreement: found }) =>
              found.terms.assignee === session.participant.id ? (
                <Desk agreement={found} />
              ) : (
                <Alert showIcon type="warning" title={tell("workbench.notYours")} />
              )
            }
          </Answered>
        )}
      </For>
    </Page>
  );
}

function Desk({ agreement }: { readonly agreement: Agreement }) {
  const tell = useText();
  const { connection } = useSession();
  const about = useAnswer("gateway", {});
  const [statement, setStatement] = useState("");
  const [asked, setAsked] = useState<Asked>();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const area = useRef<HTMLTextAreaElement | null>(null);

  const run = async (): Promise<void> => {
    if (connection === undefined || about.data === undefined) return;
    setBusy(true);
    setProblem(undefined);
    try {
      setAsked(await ask(connection, about.data, agreement.id, agreement.terms.purpose, statement));
    } catch (error) {
      setProblem(
        error instanceof ApiProblem
          ? tell("workbench.failed", { message: error.message })
          : describeProblem(error, tell),
      );
    } finally {
      setBusy(false);
    }
  };
  const insert = (text: string): void => {
    const [from, until] = [
      area.current?.selectionStart ?? statement.length,
      area.current?.selectionEnd ?? statement.length,
    ];
    setStatement(statement.slice(0, from) + text + statement.slice(until));
    area.current?.focus();
  };
  if (connection === undefined) return <ConnectWallet />;
  return (
    <>
      {agreement.status !== "InForce" && (
        <Alert
          showIcon
          type="warning"
          title={tell("workbench.notInForce", { status: tell(`status.${agreement.status}`) })}
        />
      )}
      <Section title={tell("workbench.statement")}>
        <Flex vertical gap="middle">
          <Input.TextArea
            aria-label={tell("workbench.statement")}
            className="code"
            spellCheck={false}
            rows={7}
            maxLength={8_192}
            value={statement}
            onChange={({ target }) => {
              area.current = target;
              setStatement(target.value);
            }}
            onSelect={({ currentTarget }) => {
              area.current = currentTarget;
            }}
          />
          <div>
            <BusyButton type="primary" isBusy={isBusy} disabled={statement.trim() === ""} onClick={() => void run()}>
              {tell("workbench.run")}
            </BusyButton>
          </div>
          {problem !== undefined && <Alert showIcon type="error" title={problem} />}
        </Flex>
      </Section>
      {asked !== undefined && <ResultView key={asked.answer.receipt.index} of={asked} />}
      <FieldPicker fields={agreement.fields ?? []} insert={insert} />
    </>
  );
}
