import { theme } from "antd";
import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

use([BarChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

type Props = {
  readonly label: string;
  readonly categories: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
};

/** Figures over categories. A canvas: the other renderer of ECharts writes style attributes, which the page's policy forbids. */
export function Canvas({ label, categories, series }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const { token } = theme.useToken();
  const [text, line] = [token.colorText, token.colorBorderSecondary];
  useEffect(() => {
    if (place.current === null) return;
    const chart = init(place.current, undefined, { renderer: "canvas" });
    chart.setOption({
      animation: false,
      textStyle: { color: text },
      grid: { left: 8, right: 16, top: 40, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", renderMode: "richText" },
      legend: { top: 0, textStyle: { color: text } },
      xAxis: { type: "category", data: [...categories], axisLabel: { color: text } },
      yAxis: { type: "value", axisLabel: { color: text }, splitLine: { lineStyle: { color: line } } },
      series: series.map(({ name, values }) => ({ type: "bar", name, data: [...values], barMaxWidth: 40 })),
    });
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(place.current);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [categories, series, text, line]);
  return <div ref={place} role="img" aria-label={label} style={{ height: 320, width: "100%" }} />;
}
