import { Typography } from "antd";
import { Link } from "wouter";
import { useText } from "../language/language.tsx";
import { short } from "./short.ts";

type Props = { readonly of: string; readonly href?: string };

/** An id or digest: short to read, whole to copy; and a way to its page, if it has one. */
export function Hash({ of: value, href }: Props) {
  const tell = useText();
  return (
    <Typography.Text
      code
      title={value}
      copyable={{ text: value, tooltips: [tell("parts.copy"), tell("parts.copied")] }}
      style={{ whiteSpace: "nowrap" }}
    >
      {href === undefined ? short(value) : <Link href={href}>{short(value)}</Link>}
    </Typography.Text>
  );
}
