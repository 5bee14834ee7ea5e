import { Alert, Flex } from "antd";
import type { Output } from "../../../server/api/routes.ts";
import { AgreementActs } from "../acts/AgreementActs.tsx";
import { IntegrityView, useIntegrity } from "../acts/Integrity.tsx";
import { useAnswer } from "../api/useAnswer.ts";
import { zeroId } from "../chain/zeroId.ts";
import { History } from "../history/History.tsx";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Page } from "../parts/Page.tsx";
import { Section } from "../parts/Section.tsx";
import { StatusTag } from "../parts/StatusTag.tsx";
import { Difference } from "./Difference.tsx";
import { LicensedFields } from "./LicensedFields.tsx";
import { Signatures } from "./Signatures.tsx";
import { TermsView } from "./TermsView.tsx";

export type Agreement = Output<"agreement">["agreement"];

export function AgreementPage({ id }: { readonly id: string }) {
  const answer = useAnswer("agreement", { id: id as Agreement["id"] }, { refreshMs: 5_000 });
  return (
    <Answered of={answer} isPage>
      {({ agreement }) => <Details agreement={agreement} />}
    </Answered>
  );
}

function Details({ agreement }: { readonly agreement: Agreement }) {
  const tell = useText();
  const { time } = useFormat();
  const integrity = useIntegrity(agreement);
  const { id, assignee, dataset, status, suspensions, terminatedAt } = agreement;
  return (
    <Page
      title={tell("agreement.title", { assignee: assignee.name, dataset: dataset.name })}
      extra={<StatusTag of={status} />}
    >
      {(suspensions.length > 0 || terminatedAt !== null) && (
        <Flex vertical gap="small">
          {suspensions.map(({ capacity, since }) => (
            <Alert
              key={capacity}
              showIcon
              type="warning"
              title={tell("agreement.suspended", { capacity: tell(`capacity.${capacity}`), time: time(since) })}
            />
          ))}
          {terminatedAt !== null && (
            <Alert showIcon type="error" title={tell("agreement.terminated", { time: time(terminatedAt) })} />
          )}
        </Flex>
      )}
      <Section title={tell("acts.title")}>
        <AgreementActs agreement={agreement} integrity={integrity} />
      </Section>
      <TermsView agreement={agreement} />
      <Section title={tell("integrity.title")}>
        <IntegrityView of={integrity} />
      </Section>
      {agreement.terms.replaces !== zeroId && <Difference agreement={agreement} />}
      <LicensedFields fields={agreement.fields} />
      <Section title={tell("agreement.signatures")}>
        <Signatures agreement={agreement} />
      </Section>
      <History of="agreementEvents" id={id} />
    </Page>
  );
}
