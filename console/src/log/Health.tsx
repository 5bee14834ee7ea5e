import { Alert, Flex } from "antd";
import { useAnswer } from "../api/useAnswer.ts";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Facts } from "../parts/Facts.tsx";

/** Whether gateway, log and chain are well, in plain words. */
export function Health() {
  const tell = useText();
  const { number } = useFormat();
  const ready = useAnswer("ready", {}, { refreshMs: 10_000 });
  const log = useAnswer("log", {}, { refreshMs: 5_000 });
  // from here on the gateway releases nothing more
  const isLate = log.data !== undefined && log.data.oldestWait * 2 > log.data.promiseSeconds;
  return (
    <Flex vertical gap="middle">
      {!ready.isPending && (
        <Alert
          showIcon
          type={ready.isError ? "error" : "success"}
          title={tell(ready.isError ? "log.notReady" : "log.ready")}
        />
      )}
      {isLate && <Alert showIcon type="warning" title={tell("log.late")} />}
      <Answered of={log}>
        {({ appended, anchored, oldestWait, promiseSeconds }) => (
          <Facts
            of={[
              [tell("log.appended"), number(appended)],
              [tell("log.anchored"), anchored === null ? tell("log.noneAnchored") : number(anchored.size)],
              [tell("log.waiting"), number(appended - (anchored?.size ?? 0))],
              oldestWait > 0 && [
                tell("log.oldestWait"),
                tell("log.ofPromise", { waited: number(oldestWait), promised: number(promiseSeconds) }),
              ],
              anchored !== null && [tell("log.block"), number(anchored.block)],
            ]}
          />
        )}
      </Answered>
    </Flex>
  );
}
