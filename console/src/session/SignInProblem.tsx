import { Alert } from "antd";
import { ApiProblem } from "../../../server/api/client.ts";
import { useText } from "../language/language.tsx";
import { isRejected } from "../wallet/eip1193.ts";
import { ChallengeForeign } from "./signIn.ts";

/** Why nobody was signed in, and what to do about it. */
export function SignInProblem({ of: problem }: { readonly of: unknown }) {
  const tell = useText();
  const text = (): string => {
    if (isRejected(problem)) return tell("session.rejected");
    if (problem instanceof ApiProblem && problem.code === "KeyUnknown") return tell("session.unknownKey");
    if (problem instanceof ChallengeForeign) return tell("session.foreign", { origin: problem.message });
    return tell("session.failed", { message: problem instanceof Error ? problem.message : String(problem) });
  };
  return <Alert showIcon type="error" title={text()} />;
}
