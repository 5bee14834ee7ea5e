import { useQuery } from "@tanstack/react-query";
import { Alert } from "antd";
import { useAnswer } from "../api/useAnswer.ts";
import { useText } from "../language/language.tsx";
import { useChain } from "../verifier/useChain.ts";
import { isAsSigned, isItsAuthors, type ShownFinding } from "../verifier/verifyFinding.ts";

type Props = { readonly of: ShownFinding; readonly before: ShownFinding | undefined };

/** Whether a revision is what its author signed: recomputed here, its author asked of the chain where there is a way to it. */
export function FindingProof({ of: shown, before }: Props) {
  const tell = useText();
  const about = useAnswer("gateway", {});
  const chain = useChain();
  const { manifest, gateway } = about.data ?? {};
  const author = useQuery({
    queryKey: ["finding author", shown.digest, shown.author, chain?.name],
    queryFn: async () =>
      chain === undefined || manifest === undefined ? null : isItsAuthors(shown, chain.ask, manifest),
    enabled: manifest !== undefined,
    retry: false,
  });
  if (manifest === undefined || gateway === undefined) return null;
  if (!isAsSigned(shown, before, gateway, manifest) || author.data === false)
    return <Alert showIcon type="error" title={tell("findings.forged")} />;
  return (
    <Alert
      showIcon
      type={author.data === true ? "success" : "info"}
      title={tell(author.data === true ? "findings.proven" : "findings.signed")}
    />
  );
}
