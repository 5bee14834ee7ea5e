import { Card } from "antd";
import { type ReactNode, useId } from "react";

import { visible } from "./visible.ts";

type Props = { readonly title: string; readonly extra?: ReactNode; readonly children: ReactNode };

/** A part of a page under a heading of its own. */
export function Section({ title, extra, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <Card
        title={
          <h2 id={id} className="heading">
            {visible(title)}
          </h2>
        }
        extra={extra}
        styles={{ title: { whiteSpace: "normal", paddingBlock: 12 }, body: { overflowX: "auto" } }}
      >
        {children}
      </Card>
    </section>
  );
}
