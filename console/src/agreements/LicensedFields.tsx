import { Alert, Typography } from "antd";
import { useText } from "../language/language.tsx";
import { LevelTag } from "../parts/LevelTag.tsx";
import { type Column, Rows } from "../parts/Rows.tsx";
import { Section } from "../parts/Section.tsx";
import { Told } from "../parts/Told.tsx";
import type { Agreement } from "./AgreementPage.tsx";

type Field = NonNullable<Agreement["fields"]>[number];

/** The fields that an agreement licenses, each with its level. */
export function LicensedFields({ fields }: Pick<Agreement, "fields">) {
  const tell = useText();
  const columns: readonly Column<Field>[] = [
    { title: tell("agreement.table"), show: ({ table }) => <Told of={table} /> },
    {
      title: tell("datasets.field"),
      show: ({ name }) => (
        <Typography.Text code>
          <Told of={name} />
        </Typography.Text>
      ),
    },
    { title: tell("datasets.type"), show: ({ fieldType }) => tell(`fieldType.${fieldType}`) },
    { title: tell("datasets.level"), show: ({ level }) => <LevelTag of={level} /> },
  ];
  return (
    <Section title={tell("agreement.fields")}>
      {fields === null ? (
        <Alert type="warning" showIcon title={tell("agreement.fields.unknown")} />
      ) : (
        <Rows
          caption={tell("agreement.fields")}
          columns={columns}
          rows={fields}
          keyOf={({ number }) => String(number)}
        />
      )}
    </Section>
  );
}
