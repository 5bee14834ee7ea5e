import { Alert, Button, Flex, Select, Typography } from "antd";
import { useMemo, useRef, useState } from "react";
import { type FieldLevel, fieldLevels } from "../../../server/domain/dataset.ts";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { LevelTag } from "../parts/LevelTag.tsx";
import { Page } from "../parts/Page.tsx";
import { type Column, Rows } from "../parts/Rows.tsx";
import { Section } from "../parts/Section.tsx";
import { Told } from "../parts/Told.tsx";
import { visible } from "../parts/visible.ts";
import { For } from "../session/For.tsx";
import { importCommand } from "./command.ts";
import { type Governed, propose } from "./propose.ts";
import { type RuleFields, Rules, usualRules } from "./Rules.tsx";
import { type Encoding, encodings, type Sample, sampleOf } from "./sample.ts";

type Chosen = { readonly file: File; readonly encoding: Encoding; readonly sample: Sample | undefined };

/** Proposes how to govern CSV files, which never leave the browser, and writes the command that imports them. */
export function ImportPage() {
  const tell = useText();
  return (
    <Page title={tell("import.title")} lead={tell("import.lead")}>
      <For roles={["Hospital"]}>{() => <Import />}</For>
    </Page>
  );
}

function Import() {
  const tell = useText();
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [keys, setKeys] = useState<Readonly<Record<string, string>>>({});
  const [levels, setLevels] = useState<Readonly<Record<string, FieldLevel | null>>>({});
  const [rules, setRules] = useState<RuleFields>(usualRules);
  const picker = useRef<HTMLInputElement>(null);
  const samples = useMemo(() => chosen.flatMap(({ sample }) => sample ?? []), [chosen]);
  const tables = useMemo(() => propose(samples, keys), [samples, keys]);
  const take = async (file: File, encoding: Encoding): Promise<void> => {
    const sample = await sampleOf(file, encoding).catch(() => undefined);
    setChosen((known) => [...known.filter((one) => one.file.name !== file.name), { file, encoding, sample }]);
  };
  const levelOf = (table: string, column: string, proposed: FieldLevel) => {
    const given = levels[`${table}.${column}`];
    return given === undefined ? proposed : given;
  };
  const decided = tables.map(({ table, file, encoding, patientKey, columns }) => ({
    table,
    file,
    encoding,
    patientKey,
    levels: columns.map(({ name, level }) => [name, levelOf(table, name, level)] as const),
  }));
  const isKeyLow = decided.some(({ patientKey, levels: all }) =>
    all.some(([name, level]) => name === patientKey && level !== "Linking" && level !== "Direct"),
  );
  return (
    <Flex vertical gap="large">
      <Section title={tell("import.files")}>
        <Flex vertical gap="middle" align="start">
          <input
            ref={picker}
            type="file"
            hidden
            multiple
            accept=".csv,.tsv,.txt,text/csv"
            aria-label={tell("import.choose")}
            onChange={({ target }) => {
              for (const file of target.files ?? []) void take(file, "utf-8");
              target.value = "";
            }}
          />
          <Button onClick={() => picker.current?.click()}>{tell("import.choose")}</Button>
          {chosen.map(({ file, encoding, sample }) => (
            <FileLine key={file.name} file={file} encoding={encoding} sample={sample} take={take} />
          ))}
        </Flex>
      </Section>
      {tables.map((table) => (
        <TableSection
          key={table.table}
          of={table}
          levelOf={levelOf}
          onKey={(column) => setKeys((known) => ({ ...known, [table.table]: column }))}
          onLevel={(column, level) => setLevels((known) => ({ ...known, [`${table.table}.${column}`]: level }))}
        />
      ))}
      {tables.length > 0 && (
        <Section title={tell("import.rules")}>
          <Rules onChange={setRules} />
        </Section>
      )}
      {tables.length > 0 && (
        <Section title={tell("import.command")}>
          {isKeyLow ? (
            <Alert showIcon type="error" title={tell("import.keyLow")} />
          ) : (
            <Command text={importCommand({ ...rules, tables: decided })} />
          )}
        </Section>
      )}
    </Flex>
  );
}

type FileLineProps = Chosen & { readonly take: (file: File, encoding: Encoding) => Promise<void> };

function FileLine({ file, encoding, sample, take }: FileLineProps) {
  const tell = useText();
  const { number } = useFormat();
  return (
    <Flex gap="small" align="center" wrap>
      <Select
        aria-label={tell("import.encoding")}
        value={encoding}
        style={{ minWidth: 150 }}
        onChange={(next) => void take(file, next)}
        options={encodings.map((value) => ({ value, label: value }))}
      />
      {sample === undefined ? (
        <Alert showIcon type="error" title={tell("import.unreadable", { file: file.name })} />
      ) : (
        <span>
          {tell("import.read", { file: file.name, rows: number(sample.rows), table: sample.table })}{" "}
          {!sample.isWhole && <span className="quiet">{tell("import.begin")}</span>}
        </span>
      )}
    </Flex>
  );
}

type TableProps = {
  readonly of: Governed;
  readonly levelOf: (table: string, column: string, proposed: FieldLevel) => FieldLevel | null;
  readonly onKey: (column: string) => void;
  readonly onLevel: (column: string, level: FieldLevel | null) => void;
};

function TableSection({ of: { table, patientKey, columns }, levelOf, onKey, onLevel }: TableProps) {
  const tell = useText();
  const { number } = useFormat();
  const shown: readonly Column<Governed["columns"][number]>[] = [
    {
      title: tell("datasets.field"),
      show: ({ name }) => (
        <Typography.Text code>
          <Told of={name} />
        </Typography.Text>
      ),
    },
    { title: tell("datasets.type"), show: ({ fieldType }) => tell(`fieldType.${fieldType}`) },
    { title: tell("import.distinct"), isNumber: true, show: ({ distinct }) => number(distinct) },
    {
      title: tell("datasets.level"),
      show: ({ name, level }) => (
        <Select<FieldLevel | "drop">
          aria-label={tell("import.levelOf", { field: name })}
          value={levelOf(table, name, level) ?? "drop"}
          style={{ minWidth: 180 }}
          onChange={(next) => onLevel(name, next === "drop" ? null : next)}
          options={[
            ...fieldLevels.map((value) => ({ value, label: <LevelTag of={value} /> })),
            { value: "drop" as const, label: tell("import.drop") },
          ]}
        />
      ),
    },
  ];
  return (
    <Section title={tell("import.fields", { table })}>
      <Flex vertical gap="middle">
        <Flex gap="small" align="center" wrap>
          <span>{tell("import.key", { table })}</span>
          <Select
            aria-label={tell("import.key", { table })}
            value={patientKey}
            style={{ minWidth: 200 }}
            onChange={onKey}
            options={[
              { value: "", label: tell("parts.none") },
              ...columns.map(({ name }) => ({ value: name, label: visible(name) })),
            ]}
          />
        </Flex>
        <Rows caption={tell("import.fields", { table })} columns={shown} rows={columns} keyOf={({ name }) => name} />
      </Flex>
    </Section>
  );
}

function Command({ text }: { readonly text: string }) {
  const tell = useText();
  return (
    <Flex vertical gap="middle">
      <span>{tell("import.command.lead")}</span>
      <Typography.Text copyable={{ text, tooltips: [tell("import.copy"), tell("parts.copied")] }}>
        {tell("import.copy")}
      </Typography.Text>
      <pre className="text code">{visible(text, "lines")}</pre>
    </Flex>
  );
}
