import { Alert, Button, Flex, Select } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Loading } from "../parts/Loading.tsx";
import { Rows } from "../parts/Rows.tsx";
import { Section } from "../parts/Section.tsx";
import { visible } from "../parts/visible.ts";
import { Verify } from "../verifier/Verify.tsx";
import type { Asked } from "./ask.ts";
import { type Result, toCsv } from "./csv.ts";
import { save } from "./save.ts";

const Canvas = lazy(async () => ({ default: (await import("../charts/Canvas.tsx")).Canvas }));

/** What came of one statement: its result or why it was refused, the entry, and what to keep. */
export function ResultView({ of: { signed, answer } }: { readonly of: Asked }) {
  const tell = useText();
  const { number, seconds } = useFormat();
  const { entry, receipt } = answer;
  const result = "result" in answer ? answer.result : undefined;
  const evidence = { signed, entry, receipt, ...(result && { result }) };
  const name = `datapact-${receipt.index}`;
  const recorded = tell("workbench.recorded", { index: number(receipt.index), deadline: seconds(receipt.deadline) });
  return (
    <Section
      title={tell("workbench.result")}
      extra={
        <Flex gap="small">
          {result && (
            <Button size="small" onClick={() => save(`${name}.csv`, "text/csv;charset=utf-8", toCsv(result))}>
              {tell("workbench.csv")}
            </Button>
          )}
          <Button
            size="small"
            onClick={() => save(`${name}.json`, "application/json", JSON.stringify(evidence, null, 1))}
          >
            {tell("workbench.evidence")}
          </Button>
        </Flex>
      }
    >
      <Flex vertical gap="large">
        {"result" in answer ? (
          <Figures result={answer.result} />
        ) : (
          <Alert
            showIcon
            type="warning"
            title={tell("workbench.refused", { reason: tell(`reason.${answer.code}`) })}
            description={<pre className="text">{[answer.title, answer.detail].filter(Boolean).join("\n")}</pre>}
          />
        )}
        <span className="quiet">{recorded}</span>
        <Verify key={receipt.index} evidence={evidence} />
      </Flex>
    </Section>
  );
}

const mostShown = 500;

function Figures({ result }: { readonly result: Result }) {
  const tell = useText();
  const { number } = useFormat();
  const { columns, rows } = result;
  const numeric = columns.map(({ type }) => type === "Integer" || type === "Decimal");
  const [drawn, setDrawn] = useState<number | undefined>();
  const series = useMemo(() => drawnSeries(result, drawn), [result, drawn]);
  const categories = useMemo(
    () => rows.map((row) => visible(String(row[Math.max(0, numeric.indexOf(false))] ?? ""))),
    [rows, numeric],
  );
  return (
    <Flex vertical gap="middle">
      <Rows
        caption={tell("workbench.result")}
        columns={columns.map(({ name }, at) => ({
          title: `${name}${columns.findIndex((one) => one.name === name) < at ? ` (${at + 1})` : ""}`,
          isNumber: numeric[at] ?? false,
          show: (row: number) => <Cell of={rows[row]?.[at] ?? null} isNumber={numeric[at] ?? false} />,
        }))}
        rows={rows.slice(0, mostShown).map((_, at) => at)}
        keyOf={String}
      />
      <span className="quiet">
        {tell("workbench.rows", { rows: number(rows.length) })} · {tell("workbench.withheld.meaning")}
      </span>
      {numeric.some(Boolean) && rows.length > 1 && rows.length <= 100 && (
        <Flex vertical gap="middle">
          <Select
            allowClear
            aria-label={tell("workbench.draw")}
            placeholder={tell("workbench.draw")}
            style={{ maxWidth: 320 }}
            value={drawn}
            onChange={setDrawn}
            options={columns.flatMap(({ name }, at) => (numeric[at] ? [{ value: at, label: visible(name) }] : []))}
          />
          {series !== undefined && (
            <Suspense fallback={<Loading />}>
              <Canvas label={visible(series.name)} categories={categories} series={[series]} />
            </Suspense>
          )}
        </Flex>
      )}
    </Flex>
  );
}

function drawnSeries({ columns, rows }: Result, at: number | undefined) {
  const column = at === undefined ? undefined : columns[at];
  if (at === undefined || column === undefined) return undefined;
  const values = rows.map((row) => (row[at] === null || row[at] === undefined ? null : Number(row[at])));
  return { name: visible(column.name), values };
}

function Cell({ of: cell, isNumber }: { readonly of: string | boolean | null; readonly isNumber: boolean }) {
  const tell = useText();
  const { number } = useFormat();
  if (cell === null) return <span className="quiet">–</span>;
  if (typeof cell === "boolean") return tell(cell ? "parts.yes" : "parts.no");
  // figures beyond what a double holds are shown as they came
  return isNumber && /^-?\d{1,15}$/.test(cell) ? number(Number(cell)) : visible(cell);
}
