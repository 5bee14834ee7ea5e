import { useMutation } from "@tanstack/react-query";
import { Alert, Flex, Result } from "antd";
import { ApiProblem } from "../../../server/api/client.ts";
import { client } from "../api/client.ts";
import { useText } from "../language/language.tsx";
import { BusyButton } from "../parts/BusyButton.tsx";
import { Basis } from "./Basis.tsx";
import { useChain } from "./useChain.ts";
import { VerifiedView } from "./VerifiedView.tsx";
import { type Evidence, type Proof, verifyEvidence } from "./verifyEvidence.ts";

/** A button that verifies evidence in this browser, and what came out. */
export function Verify({ evidence }: { readonly evidence: Evidence }) {
  const tell = useText();
  const chain = useChain();
  const verification = useMutation({
    mutationFn: async () => {
      if (chain === undefined) throw new Error(tell("verify.noChain"));
      const { manifest, gateway } = await client.gateway();
      const { receipt } = evidence;
      // what another gateway has at this index proves nothing
      const proof = gateway === receipt.gateway ? await askProof(receipt.index) : undefined;
      return { verified: await verifyEvidence(evidence, proof, chain.ask, manifest), manifest, chain };
    },
  });
  if (chain === undefined)
    return <Result status="info" title={tell("verify.noChain")} subTitle={tell("verify.noChain.advice")} />;
  return (
    <Flex vertical gap="middle" align="start">
      <Flex gap="middle" align="center" wrap>
        <BusyButton type="primary" isBusy={verification.isPending} onClick={() => verification.mutate()}>
          {tell("verify.button")}
        </BusyButton>
        <span className="quiet">{tell("verify.through", { name: chain.name })}</span>
      </Flex>
      {verification.isError && (
        <Alert showIcon type="error" title={tell("verify.failed", { message: messageOf(verification.error) })} />
      )}
      {verification.data !== undefined && (
        <>
          <VerifiedView of={verification.data.verified} />
          <Basis manifest={verification.data.manifest} chain={verification.data.chain} />
        </>
      )}
    </Flex>
  );
}

/** The path to the newest head; undefined if the gateway has none to give, which the chain then decides. */
async function askProof(index: number): Promise<Proof | undefined> {
  try {
    return await client.proof({ index: String(index) });
  } catch (error) {
    if (error instanceof ApiProblem && (error.status === 404 || error.status === 400)) return undefined;
    throw error;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
