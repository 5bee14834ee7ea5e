import { Skeleton } from "antd";
import { useText } from "../language/language.tsx";

export function Loading() {
  return (
    <output aria-label={useText()("parts.loading")}>
      <Skeleton active paragraph={{ rows: 6 }} />
    </output>
  );
}
