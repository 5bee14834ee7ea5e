import { Result } from "antd";
import { Link } from "wouter";
import { useText } from "../language/language.tsx";
import { Page } from "../parts/Page.tsx";

export function NotFound() {
  const tell = useText();
  return (
    <Page title={tell("shell.notFound")}>
      <Result
        status="info"
        subTitle={tell("shell.notFound.advice")}
        extra={<Link href="/">{tell("shell.home")}</Link>}
      />
    </Page>
  );
}
