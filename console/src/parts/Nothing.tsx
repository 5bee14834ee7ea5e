import { InboxOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";
import { useText } from "../language/language.tsx";

/** Says that there is nothing, and what to do. */
export function Nothing({ children }: { readonly children?: ReactNode }) {
  const tell = useText();
  return (
    <div className="nothing quiet">
      <InboxOutlined aria-hidden style={{ fontSize: 32 }} />
      <div>{children ?? tell("parts.empty")}</div>
    </div>
  );
}
