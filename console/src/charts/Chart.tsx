/** Bars over categories, stacked where there are several series. */
export type Bars = {
  readonly categories: readonly string[];
  readonly series: readonly { readonly name: string; readonly color: string; readonly values: readonly number[] }[];
  readonly isHorizontal?: boolean;
};

/** How many columns have their names below them; of more, every second or third … has. */
const mostNamed = 6;

type Props = { readonly label: string; readonly bars: Bars; readonly number: (value: number) => string };

/** Draws bars with nothing but boxes; whoever shows it gives a table beside it, and `label` says in words what it shows. */
export function Chart({ label, bars, number }: Props) {
  const { categories, series, isHorizontal = false } = bars;
  const totals = categories.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  const most = Math.max(1, ...totals);
  const isDense = categories.length > mostNamed;
  const step = Math.ceil(categories.length / mostNamed);
  const size = isHorizontal ? "width" : "height";
  return (
    <div role="img" aria-label={label}>
      {series.length > 1 && (
        <div className="legend">
          {series.map(({ name, color }) => (
            <span key={name}>
              <i style={{ background: color }} /> {name}
            </span>
          ))}
        </div>
      )}
      <div className={isHorizontal ? "bars" : isDense ? "columns dense" : "columns"}>
        {categories.map((category, at) => (
          <div key={category} className="bar" title={told(category, at, series, number)}>
            <span className="bar-name">
              {isHorizontal || (categories.length - 1 - at) % step === 0 ? category : ""}
            </span>
            <span className="bar-room">
              {series.map(({ name, color, values }) => (
                <span key={name} style={{ background: color, [size]: `${(100 * (values[at] ?? 0)) / most}%` }} />
              ))}
            </span>
            <span className={at === totals.indexOf(most) ? "bar-number most" : "bar-number"}>
              {isDense && totals[at] === 0 ? "" : number(totals[at] ?? 0)}
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}

function told(category: string, at: number, series: Bars["series"], number: Props["number"]): string {
  return [category, ...series.map(({ name, values }) => `${name}: ${number(values[at] ?? 0)}`)].join("\n");
}
