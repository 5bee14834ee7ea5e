import type { ReactNode } from "react";
import { orDash } from "./blank.ts";
import { Nothing } from "./Nothing.tsx";
import { visible } from "./visible.ts";

export type Column<T> = {
  readonly title: string;
  readonly show: (row: T) => ReactNode;
  /** Numbers stand at the right, so that they can be compared. */
  readonly isNumber?: boolean;
};

type Props<T> = {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  /** What to say and do where there is nothing. */
  readonly empty?: ReactNode;
};

/** A table that is read as cards where the screen is narrow. */
export function Rows<T>({ caption, columns, rows, keyOf, empty }: Props<T>) {
  if (rows.length === 0) return <Nothing>{empty}</Nothing>;
  return (
    <table className="rows">
      <caption className="unseen">{visible(caption)}</caption>
      <thead>
        <tr>
          {columns.map(({ title, isNumber }) => (
            <th key={title} scope="col" className={isNumber ? "number" : undefined}>
              {visible(title)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map(({ title, show, isNumber }) => (
              <td key={title} data-title={visible(title)} className={isNumber ? "number" : undefined}>
                {orDash(show(row))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
