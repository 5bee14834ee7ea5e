import { Flex, Select } from "antd";
import { useSearchParams } from "wouter";
import { useAnswer } from "../api/useAnswer.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Page } from "../parts/Page.tsx";
import { Section } from "../parts/Section.tsx";
import { visible } from "../parts/visible.ts";
import { For } from "../session/For.tsx";
import { RequestForm } from "./RequestForm.tsx";

/** A consumer's request: first the dataset, then everything else. */
export function RequestPage() {
  const tell = useText();
  const [parameters, setParameters] = useSearchParams();
  const chosen = parameters.get("dataset") ?? undefined;
  return (
    <Page title={tell("request.title")} lead={tell("request.lead")}>
      <For roles={["Consumer"]}>
        {(session) => (
          <Flex vertical gap="large">
            <Section title={tell("request.dataset")}>
              <DatasetChoice chosen={chosen} choose={(id) => setParameters({ dataset: id })} />
            </Section>
            {chosen !== undefined && <Chosen key={chosen} id={chosen} assignee={session.participant.id} />}
          </Flex>
        )}
      </For>
    </Page>
  );
}

type Choice = { readonly chosen: string | undefined; readonly choose: (id: string) => void };

function DatasetChoice({ chosen, choose }: Choice) {
  const tell = useText();
  const datasets = useAnswer("datasets", { status: "Active", limit: "200" });
  return (
    <Answered of={datasets}>
      {({ items }) => (
        <Select
          showSearch={{ optionFilterProp: "label" }}
          aria-label={tell("request.dataset")}
          placeholder={tell("request.dataset.choose")}
          style={{ width: "100%", maxWidth: 640 }}
          {...(chosen !== undefined && { value: chosen })}
          onChange={choose}
          notFoundContent={tell("request.none")}
          options={items.map(({ id, title, holder }) => ({
            value: String(id),
            label: visible(`${title} · ${holder.name}`),
          }))}
        />
      )}
    </Answered>
  );
}

function Chosen({ id, assignee }: { readonly id: string; readonly assignee: string }) {
  const dataset = useAnswer("dataset", { id: id as never });
  return (
    <Answered of={dataset}>{({ dataset: found }) => <RequestForm dataset={found} assignee={assignee} />}</Answered>
  );
}
