import { Flex, Typography } from "antd";
import { zeroId } from "../chain/zeroId.ts";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Hash } from "../parts/Hash.tsx";
import { Named } from "../parts/Named.tsx";
import { Section } from "../parts/Section.tsx";
import { Time } from "../parts/Time.tsx";
import { Told, ToldLines } from "../parts/Told.tsx";
import { Purpose } from "../purposes/Purpose.tsx";
import type { Agreement } from "./AgreementPage.tsx";

/** Every term of an agreement, in the words of the field; read from the very terms that are signed. */
export function TermsView({ agreement }: { readonly agreement: Agreement }) {
  const tell = useText();
  const { number, seconds } = useFormat();
  const { id, assigner, assignee, dataset, terms, policy, uses, offeredAt, finalizedAt, replacedBy } = agreement;
  return (
    <Section title={tell("agreement.terms")}>
      <Flex vertical gap="large">
        <Purpose of={terms.purpose} isLong />
        <Facts
          of={[
            [tell("agreements.assigner"), <Named key="assigner" of={assigner} kind="participants" />],
            [tell("agreements.assignee"), <Named key="assignee" of={assignee} kind="participants" />],
            [tell("agreements.dataset"), <Named key="dataset" of={dataset} kind="datasets" />],
            [
              tell("agreement.manner"),
              <span key="manner">
                <strong>{tell(`disclosure.${terms.disclosure}`)}</strong>
                <br />
                {tell(`disclosure.${terms.disclosure}.meaning`)}
              </span>,
            ],
            [
              tell("agreement.rows"),
              terms.rows === "" ? (
                tell("agreement.rows.all")
              ) : (
                <Typography.Text key="rows" code>
                  <Told of={terms.rows} />
                </Typography.Text>
              ),
            ],
            [tell("agreement.minCohort"), tell("agreement.minCohort.value", { count: number(terms.minCohort) })],
            [tell("agreement.maxUses"), number(terms.maxUses)],
            [tell("agreement.usesSoFar"), number(uses)],
            [tell("agreement.maxRows"), number(terms.maxRows)],
            [
              tell("agreement.period"),
              tell("agreement.period.value", { from: seconds(terms.validFrom), until: seconds(terms.validUntil) }),
            ],
            [
              tell("agreement.assurance"),
              <span key="assurance">
                <strong>{tell(`assurance.${terms.assurance}`)}</strong>
                <br />
                {tell(`assurance.${terms.assurance}.meaning`)}
              </span>,
            ],
            [tell("agreement.environment"), tell("agreement.environment.value", { hospital: assigner.name })],
            [tell("agreement.offered"), <Time key="offered" of={offeredAt} />],
            finalizedAt !== null && [tell("agreement.finalized"), <Time key="finalized" of={finalizedAt} />],
            terms.replaces !== zeroId && [
              tell("agreement.replaces"),
              <Hash key="replaces" of={terms.replaces} href={`/agreements/${terms.replaces}`} />,
            ],
            replacedBy !== null && [
              tell("agreement.replacedBy"),
              <Hash key="replacedBy" of={replacedBy} href={`/agreements/${replacedBy}`} />,
            ],
            [tell("agreement.id"), <Hash key="id" of={id} />],
          ]}
        />
        <div>
          <Typography.Text type="secondary">{tell("agreement.policy")}</Typography.Text>
          <ToldLines of={policy} />
        </div>
      </Flex>
    </Section>
  );
}
