import { Segmented } from "antd";
import { useState } from "react";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Nothing } from "../parts/Nothing.tsx";
import { Rows } from "../parts/Rows.tsx";
import { Section } from "../parts/Section.tsx";
import { type Bars, Chart } from "./Chart.tsx";

type Props = { readonly title: string; readonly category: string; readonly bars: Bars; readonly none: string };

/** The same figures as a chart or as a table, as the reader prefers. */
export function ChartOrTable({ title, category, bars, none }: Props) {
  const tell = useText();
  const { number } = useFormat();
  const [form, setForm] = useState<"chart" | "table">("chart");
  const isEmpty = bars.categories.length === 0;
  const rows = bars.categories
    .map((_, row) => row)
    .filter((row) => bars.series.some(({ values }) => values[row] !== 0));
  const choice = (
    <Segmented
      size="small"
      name={title}
      value={form}
      onChange={(chosen) => setForm(chosen)}
      options={(["chart", "table"] as const).map((value) => ({ value, label: tell(`parts.${value}`) }))}
    />
  );
  const columns = [
    { title: category, show: (row: number) => bars.categories[row] },
    ...bars.series.map(({ name, values }) => ({
      title: name,
      isNumber: true,
      show: (row: number) => number(values[row] ?? 0),
    })),
  ];
  return (
    <Section title={title} extra={isEmpty ? undefined : choice}>
      {isEmpty && <Nothing>{none}</Nothing>}
      {!isEmpty && form === "chart" && <Chart label={title} bars={bars} number={number} />}
      {!isEmpty && form === "table" && <Rows caption={title} columns={columns} rows={rows} keyOf={String} />}
    </Section>
  );
}
