import { Flex, Typography } from "antd";
import type { Field } from "../../../server/domain/dataset.ts";
import { useText } from "../language/language.tsx";
import { Badge } from "../parts/Badge.tsx";
import { LevelTag } from "../parts/LevelTag.tsx";
import { type Column, Rows } from "../parts/Rows.tsx";
import { Told } from "../parts/Told.tsx";

type Props = { readonly caption: string; readonly fields: readonly Field[]; readonly patientKey?: string };

/** Fields with their levels; those that come close to a person stand out. */
export function FieldTable({ caption, fields, patientKey }: Props) {
  const tell = useText();
  const columns: readonly Column<Field>[] = [
    {
      title: tell("datasets.field"),
      show: ({ name }) => (
        <Flex gap="small" wrap>
          <Typography.Text code>
            <Told of={name} />
          </Typography.Text>
          {name === patientKey && <Badge>{tell("datasets.patientKey")}</Badge>}
        </Flex>
      ),
    },
    { title: tell("datasets.type"), show: ({ fieldType }) => tell(`fieldType.${fieldType}`) },
    { title: tell("datasets.level"), show: ({ level }) => <LevelTag of={level} /> },
  ];
  return <Rows caption={caption} columns={columns} rows={fields} keyOf={({ name }) => name} />;
}
