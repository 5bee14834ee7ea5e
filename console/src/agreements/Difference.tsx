import type { AgreementId } from "../../../server/domain/ids.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { type Format, useFormat } from "../language/format.ts";
import { type Tell, useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Rows } from "../parts/Rows.tsx";
import { Section } from "../parts/Section.tsx";
import { visible } from "../parts/visible.ts";
import type { Agreement } from "./AgreementPage.tsx";

type Line = readonly [term: string, before: string, after: string];

/** What changes against the agreement that this one replaces, term by term. */
export function Difference({ agreement }: { readonly agreement: Agreement }) {
  const tell = useText();
  const format = useFormat();
  const replaced = useAnswer("agreement", { id: agreement.terms.replaces as AgreementId });
  return (
    <Section title={tell("difference.title")}>
      <Answered of={replaced}>
        {({ agreement: before }) => {
          const [old, now] = [linesOf(before, tell, format), linesOf(agreement, tell, format)];
          const changed = now.flatMap(([term, after], at): Line[] => {
            const was = old[at]?.[1] ?? "";
            return was === after ? [] : [[term, was, after]];
          });
          return (
            <Rows
              caption={tell("difference.title")}
              rows={changed}
              keyOf={([term]) => term}
              empty={tell("difference.none")}
              columns={[
                { title: tell("difference.term"), show: ([term]) => term },
                { title: tell("difference.before"), show: ([, was]) => <del>{visible(was, "lines")}</del> },
                { title: tell("difference.after"), show: ([, , after]) => <ins>{visible(after, "lines")}</ins> },
              ]}
            />
          );
        }}
      </Answered>
    </Section>
  );
}

function linesOf(
  { assigner, assignee, dataset, terms, policy, fields }: Agreement,
  tell: Tell,
  { number, list, seconds }: Format,
): readonly (readonly [string, string])[] {
  return [
    [tell("agreements.assigner"), assigner.name],
    [tell("agreements.assignee"), assignee.name],
    [tell("agreements.dataset"), dataset.name],
    [tell("agreement.purpose"), terms.purpose],
    [tell("agreement.fields"), list((fields ?? []).map(({ table, name }) => `${table}.${name}`))],
    [tell("agreement.rows"), terms.rows === "" ? tell("agreement.rows.all") : terms.rows],
    [tell("agreement.manner"), tell(`disclosure.${terms.disclosure}`)],
    [tell("agreement.minCohort"), number(terms.minCohort)],
    [tell("agreement.maxUses"), number(terms.maxUses)],
    [tell("agreement.maxRows"), number(terms.maxRows)],
    [tell("agreements.validFrom"), seconds(terms.validFrom)],
    [tell("agreements.until"), seconds(terms.validUntil)],
    [tell("agreement.assurance"), tell(`assurance.${terms.assurance}`)],
    [tell("agreement.policy"), policy],
  ];
}
