import { Flex, Typography } from "antd";
import { type ReactNode, useEffect } from "react";

import { visible } from "./visible.ts";

type Props = {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly extra?: ReactNode;
  readonly children: ReactNode;
};

/** A page: its one heading, what may be done there, and its content. */
export function Page({ title: given, lead, extra, children }: Props) {
  const title = visible(given);
  useEffect(() => {
    document.title = `${title} · Datapact`;
  }, [title]);
  return (
    <Flex vertical gap="large">
      <Flex justify="space-between" align="start" wrap gap="small">
        <div style={{ minWidth: 0 }}>
          <Typography.Title level={1} style={{ margin: "0 0 4px", fontSize: 26, overflowWrap: "anywhere" }}>
            {title}
          </Typography.Title>
          {lead !== undefined && (
            <Typography.Paragraph style={{ margin: 0, maxWidth: 780 }}>{lead}</Typography.Paragraph>
          )}
        </div>
        {extra !== undefined && <div style={{ paddingTop: 4 }}>{extra}</div>}
      </Flex>
      {children}
    </Flex>
  );
}
