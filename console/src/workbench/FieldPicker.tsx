import { Button, Flex, Typography } from "antd";
import type { Agreement } from "../agreements/AgreementPage.tsx";
import { useText } from "../language/language.tsx";
import { Facts } from "../parts/Facts.tsx";
import { LevelTag } from "../parts/LevelTag.tsx";
import { Section } from "../parts/Section.tsx";
import { Told } from "../parts/Told.tsx";

type Field = NonNullable<Agreement["fields"]>[number];
type Props = { readonly fields: readonly Field[]; readonly insert: (text: string) => void };

/** What a statement may mention: the licensed fields, table by table, and the functions. */
export function FieldPicker({ fields, insert }: Props) {
  const tell = useText();
  const tables = [...new Set(fields.map(({ table }) => table))];
  return (
    <>
      <Section title={tell("workbench.fields")}>
        <Flex vertical gap="middle">
          <span className="quiet">{tell("workbench.insert")}</span>
          {tables.map((table) => (
            <div key={table}>
              <Typography.Text strong>
                <Told of={table} />
              </Typography.Text>
              <Flex wrap gap="small" style={{ marginTop: 8 }}>
                {fields
                  .filter((field) => field.table === table)
                  .map(({ number, name, level }) => (
                    <Button key={number} className="field" onClick={() => insert(name)}>
                      <Told of={name} />
                      {level !== "Neutral" && <LevelTag of={level} />}
                    </Button>
                  ))}
              </Flex>
            </div>
          ))}
        </Flex>
      </Section>
      <Section title={tell("workbench.functions")}>
        <Facts
          of={[
            [tell("workbench.functions.aggregate"), tell("workbench.aggregates")],
            [tell("workbench.functions.row"), tell("workbench.scalars")],
          ]}
        />
      </Section>
    </>
  );
}
