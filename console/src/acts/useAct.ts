import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useCallback, useState } from "react";
import { useText } from "../language/language.tsx";
import { describeProblem } from "./describeProblem.ts";

/** Does one thing at a time that ends on chain; afterwards everything that is shown is asked anew. */
export type Act = {
  readonly isBusy: boolean;
  readonly problem: string | undefined;
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
};

/** The gateway reads the chain a moment later than the wallet does. */
const readAgainMs = [0, 700, 2_000];

export function useAct(): Act {
  const tell = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const run = useCallback(
    async (work: () => Promise<unknown>): Promise<boolean> => {
      setBusy(true);
      setProblem(undefined);
      try {
        await work();
        void message.success(tell("acts.done"));
        for (const wait of readAgainMs) setTimeout(() => void queries.invalidateQueries(), wait);
        return true;
      } catch (error) {
        setProblem(describeProblem(error, tell));
        return false;
      } finally {
        setBusy(false);
      }
    },
    [queries, message, tell],
  );
  return { isBusy, problem, run };
}
