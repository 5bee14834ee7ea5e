import { CheckCircleFilled, CloseCircleFilled, MinusCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Flex } from "antd";
import type { Agreement } from "../agreements/AgreementPage.tsx";
import { useAnswer } from "../api/useAnswer.ts";
import { chainHolds, chainNames, failedChecks, shownChecks } from "../chain/integrity.ts";
import { useText } from "../language/language.tsx";
import type { TextKey } from "../language/texts.ts";
import { useSession } from "../session/SessionProvider.tsx";

/** Whether what is shown is what is signed: undefined while that is being found out. */
export type Integrity = {
  readonly holds: boolean | undefined;
  readonly lines: readonly (readonly [TextKey, boolean | undefined])[];
};

/** Recomputes what is shown of an agreement, and compares it with the chain where a wallet gives a way to it. */
export function useIntegrity(agreement: Agreement): Integrity {
  const { connection } = useSession();
  const { id, terms } = agreement;
  const about = useAnswer("gateway", {});
  const dataset = useAnswer("dataset", { id: terms.dataset });
  const assigner = useAnswer("participant", { id: terms.assigner });
  const assignee = useAnswer("participant", { id: terms.assignee });
  const manifest = about.data?.manifest;
  const onChain = useQuery({
    queryKey: ["chain", id, terms, connection?.wallet.id],
    queryFn: () =>
      connection !== undefined && manifest !== undefined
        ? chainHolds(connection.wallet.provider, manifest, id, terms)
        : Promise.resolve(undefined),
    enabled: connection !== undefined && manifest !== undefined,
    retry: false,
  });
  const { assigner: from, assignee: to } = agreement;
  const names = useQuery({
    queryKey: ["chain names", from, to, agreement.signatures, connection?.wallet.id],
    queryFn: () =>
      connection !== undefined && manifest !== undefined
        ? chainNames(connection.wallet.provider, manifest, [
            { id: terms.assigner, name: from.name },
            { id: terms.assignee, name: to.name },
            ...agreement.signatures.map(({ signer }) => signer),
          ])
        : Promise.resolve(undefined),
    enabled: connection !== undefined && manifest !== undefined,
    retry: false,
  });
  if (
    manifest === undefined ||
    assigner.data === undefined ||
    assignee.data === undefined ||
    dataset.data === undefined
  )
    return { holds: undefined, lines: [] };
  const failed = failedChecks(
    {
      agreement,
      description: dataset.data.dataset.description,
      assigner: assigner.data.participant,
      assignee: assignee.data.participant,
    },
    manifest,
  );
  const chain = onChain.isError ? false : onChain.data;
  const areNamed = names.isError ? false : names.data;
  return {
    holds: failed.length > 0 || chain === false || areNamed === false ? false : chain && areNamed,
    lines: [
      ...shownChecks.map((check) => [`integrity.${check}`, !failed.includes(check)] as const),
      ["integrity.chain", chain] as const,
      ["integrity.names", areNamed] as const,
    ],
  };
}

/** Tells line by line whether what is shown is what is signed. */
export function IntegrityView({ of: { holds, lines } }: { readonly of: Integrity }) {
  const tell = useText();
  const { connection } = useSession();
  return (
    <Flex vertical gap="small">
      {holds === false && <Alert type="error" showIcon title={tell("integrity.broken")} />}
      <ul className="plain checks">
        {lines.map(([text, isSo]) => (
          <li key={text}>
            <Sign isSo={isSo} />
            <span>
              {tell(text)}{" "}
              {isSo === undefined && (
                <span className="quiet">
                  {tell("parts.aside", {
                    text: tell(connection === undefined ? "integrity.noWallet" : "integrity.pending"),
                  })}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Flex>
  );
}

function Sign({ isSo }: { readonly isSo: boolean | undefined }) {
  const tell = useText();
  if (isSo === undefined) return <MinusCircleOutlined aria-hidden />;
  return isSo ? (
    <CheckCircleFilled className="good" aria-label={tell("parts.yes")} />
  ) : (
    <CloseCircleFilled className="bad" aria-label={tell("parts.no")} />
  );
}
