import { Typography } from "antd";
import { useText } from "../language/language.tsx";

/** An id or digest: short to read, whole to copy. */
export function Hash({ of: value }: { readonly of: string }) {
  const tell = useText();
  const short = value.length > 20 ? `${value.slice(0, 10)}…${value.slice(-4)}` : value;
  return (
    <Typography.Text
      code
      title={value}
      copyable={{ text: value, tooltips: [tell("parts.copy"), tell("parts.copied")] }}
      style={{ whiteSpace: "nowrap" }}
    >
      {short}
    </Typography.Text>
  );
}
