import type { UseQueryResult } from "@tanstack/react-query";
import { Result } from "antd";
import type { ReactNode } from "react";
import { ApiProblem } from "../../../server/api/client.ts";
import { useText } from "../language/language.tsx";
import type { TextKey } from "../language/texts.ts";
import { BusyButton } from "./BusyButton.tsx";
import { Loading } from "./Loading.tsx";
import { Page } from "./Page.tsx";

type Props<T> = {
  readonly of: UseQueryResult<T>;
  /** Whether it stands for a whole page, which then has its heading here. */
  readonly isPage?: boolean;
  readonly children: (answer: T) => ReactNode;
};

/** Shows what a route answered; while there is no answer, what to wait for or to do. */
export function Answered<T>({ of: { data, error, refetch, isFetching }, isPage = false, children }: Props<T>) {
  const tell = useText();
  if (error === null) {
    if (data !== undefined) return <>{children(data)}</>;
    return <Loading />;
  }
  const { status, text, code } = told(error);
  const advice = (
    <Result
      status={status}
      title={isPage ? undefined : tell(text)}
      subTitle={tell(`${text}.advice` as TextKey, { code })}
      extra={
        <BusyButton type="primary" isBusy={isFetching} onClick={() => void refetch()}>
          {tell("parts.retry")}
        </BusyButton>
      }
    />
  );
  return isPage ? <Page title={tell(text)}>{advice}</Page> : advice;
}

type Told = { readonly status: "info" | "warning" | "error"; readonly text: TextKey; readonly code: string };

function told(error: unknown): Told {
  if (!(error instanceof ApiProblem)) return { status: "error", text: "parts.unreachable", code: "" };
  const { status, code } = error;
  if (code === "ReadModelBehind") return { status: "info", text: "parts.behind", code };
  if (status === 404) return { status: "info", text: "parts.notFound", code };
  if (status === 400 && code === "RequestMalformed") return { status: "info", text: "parts.notFound", code };
  if (status === 401 || status === 403) return { status: "warning", text: "parts.noPermission", code };
  if (status === 429) return { status: "warning", text: "parts.tooMany", code };
  return { status: "error", text: "parts.failed", code };
}
