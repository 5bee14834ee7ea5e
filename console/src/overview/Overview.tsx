import { Card, Col, Flex, Row, Statistic } from "antd";
import type { Output } from "../../../server/api/routes.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { useText } from "../language/language.tsx";
import { Health } from "../log/Health.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Page } from "../parts/Page.tsx";
import { Section } from "../parts/Section.tsx";
import { AgreementsChart, RefusalsChart, UsesChart } from "./charts.tsx";

/** What this space holds and how much it is used, for everybody. */
export function Overview() {
  const tell = useText();
  const counts = useAnswer("counts", {}, { refreshMs: 10_000 });
  return (
    <Page title={tell("overview.title")} lead={tell("overview.lead")}>
      <Answered of={counts}>{(found) => <Figures counts={found} />}</Answered>
      <Section title={tell("overview.health")}>
        <Health />
      </Section>
    </Page>
  );
}

function Figures({ counts }: { readonly counts: Output<"counts"> }) {
  const tell = useText();
  const used = (isPermitted: boolean): number =>
    counts.entries
      .filter(({ outcome }) => (outcome === "Permitted") === isPermitted)
      .reduce((sum, { count }) => sum + count, 0);
  const figures = [
    ["overview.inForce", counts.agreements.find(({ status }) => status === "InForce")?.count ?? 0],
    ["overview.datasets", counts.datasets.find(({ status }) => status === "Active")?.count ?? 0],
    ["overview.permitted", used(true)],
    ["overview.refused", used(false)],
  ] as const;
  return (
    <Flex vertical gap="large">
      <Row gutter={[16, 16]}>
        {figures.map(([text, value]) => (
          <Col xs={12} lg={6} key={text}>
            <Card style={{ height: "100%" }}>
              <Statistic title={tell(text)} value={value} />
            </Card>
          </Col>
        ))}
      </Row>
      <UsesChart counts={counts} />
      <Row gutter={[16, 16]}>
        <Col xs={24} lg={12}>
          <AgreementsChart counts={counts} />
        </Col>
        <Col xs={24} lg={12}>
          <RefusalsChart counts={counts} />
        </Col>
      </Row>
    </Flex>
  );
}
