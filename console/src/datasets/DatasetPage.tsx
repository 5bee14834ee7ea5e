import { Flex, Typography } from "antd";
import type { Output } from "../../../server/api/routes.ts";
import { DatasetActs } from "../acts/DatasetActs.tsx";
import { DatasetRules } from "../acts/DatasetRules.tsx";
import { AgreementTable } from "../agreements/AgreementTable.tsx";
import { useAnswer } from "../api/useAnswer.ts";
import { History } from "../history/History.tsx";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Hash } from "../parts/Hash.tsx";
import { Named } from "../parts/Named.tsx";
import { Page } from "../parts/Page.tsx";
import { Section } from "../parts/Section.tsx";
import { DatasetStatusTag } from "../parts/StatusTag.tsx";
import { Time } from "../parts/Time.tsx";
import { Told } from "../parts/Told.tsx";
import { visible } from "../parts/visible.ts";
import { Purpose } from "../purposes/Purpose.tsx";
import { FieldTable } from "./FieldTable.tsx";

type Dataset = Output<"dataset">["dataset"];

export function DatasetPage({ id }: { readonly id: string }) {
  const answer = useAnswer("dataset", { id: id as Dataset["id"] });
  return (
    <Answered of={answer} isPage>
      {({ dataset }) => <Details dataset={dataset} />}
    </Answered>
  );
}

function Details({ dataset }: { readonly dataset: Dataset }) {
  const tell = useText();
  const { number } = useFormat();
  const { id, name, title, holder, status, rules, revision, registeredAt, descriptionHash, description } = dataset;
  return (
    <Page
      title={visible(title)}
      lead={
        <span className="quiet">
          <Told of={name} />
        </span>
      }
      extra={<DatasetStatusTag of={status} />}
    >
      <DatasetActs dataset={dataset} />
      <Section title={tell("datasets.rules")}>
        <Flex vertical gap="middle">
          <Facts
            of={[
              [tell("datasets.holder"), <Named key="holder" of={holder} kind="participants" />],
              [tell("datasets.maxDisclosure"), tell(`disclosure.${rules.maxDisclosure}`)],
              [tell("datasets.minCohort"), number(rules.minCohort)],
              [tell("datasets.approvals"), number(rules.approvals)],
              [tell("datasets.registered"), <Time key="registered" of={registeredAt} />],
              [tell("datasets.revision"), number(revision)],
              dataset.suspendedByHolderAt !== null && [
                tell("datasets.suspendedByHolder"),
                <Time key="holder" of={dataset.suspendedByHolderAt} />,
              ],
              dataset.suspendedByRegulatorAt !== null && [
                tell("datasets.suspendedByRegulator"),
                <Time key="regulator" of={dataset.suspendedByRegulatorAt} />,
              ],
              dataset.retiredAt !== null && [tell("datasets.retiredAt"), <Time key="retired" of={dataset.retiredAt} />],
              [tell("datasets.id"), <Hash key="id" of={id} />],
              [tell("datasets.descriptionHash"), <Hash key="hash" of={descriptionHash} />],
            ]}
          />
          <div>
            <Typography.Text type="secondary">{tell("datasets.purposes")}</Typography.Text>
            {rules.purposes.map((purpose) => (
              <div key={purpose}>
                <Purpose of={purpose} isLong />
              </div>
            ))}
          </div>
        </Flex>
      </Section>
      <DatasetRules dataset={dataset} />
      {description.tables.map(({ name: table, patientKey, fields }) => (
        <Section key={table} title={tell("datasets.fields", { table })}>
          <FieldTable caption={table} fields={fields} patientKey={patientKey} />
        </Section>
      ))}
      {description.joins.length > 0 && (
        <Section title={tell("datasets.joins")}>
          {description.joins.map(({ left, right }) => (
            <div key={`${left} ${right}`}>
              <Typography.Text code>
                <Told of={left} />
              </Typography.Text>{" "}
              ={" "}
              <Typography.Text code>
                <Told of={right} />
              </Typography.Text>
            </div>
          ))}
        </Section>
      )}
      <Section title={tell("datasets.agreements")}>
        <AgreementTable filter={{ dataset: id }} />
      </Section>
      <History of="datasetEvents" id={id} />
    </Page>
  );
}
