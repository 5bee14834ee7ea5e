import { Result } from "antd";
import { useAnswer } from "../api/useAnswer.ts";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";

/** Says whether an entry that is not shown is another's, or not there yet. */
export function Unseen({ index }: { readonly index: string }) {
  const tell = useText();
  const { number } = useFormat();
  const log = useAnswer("log", {});
  return (
    <Answered of={log}>
      {({ appended }) =>
        Number(index) < appended ? (
          <Result status="warning" title={tell("parts.noPermission")} subTitle={tell("search.notYours")} />
        ) : (
          <Result
            status="info"
            title={tell("parts.notFound")}
            subTitle={tell("search.noEntry", { index: number(index), appended: number(appended) })}
          />
        )
      }
    </Answered>
  );
}
