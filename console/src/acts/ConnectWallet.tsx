import { Alert, Button, Flex } from "antd";
import { useState } from "react";
import { useText } from "../language/language.tsx";
import { Loading } from "../parts/Loading.tsx";
import { visible } from "../parts/visible.ts";
import { useSession } from "../session/SessionProvider.tsx";
import { connect } from "../wallet/connect.ts";
import type { Wallet } from "../wallet/eip1193.ts";

/** A session outlives its wallet's connection: asks for the wallet that has the session's key. */
export function ConnectWallet() {
  const tell = useText();
  const { session, wallets, isConnecting, connected } = useSession();
  const [problem, setProblem] = useState<string>();
  const choose = async (wallet: Wallet): Promise<void> => {
    try {
      const connection = await connect(wallet);
      if (connection.address === session?.key) connected(connection);
      else setProblem(tell("session.unknownKey"));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  if (isConnecting) return <Loading />;
  return (
    <Flex vertical gap="small">
      <Alert showIcon type="info" title={tell("acts.connect", { name: session?.participant.name ?? "" })} />
      {problem !== undefined && <Alert showIcon type="error" title={problem} />}
      <Flex gap="small" wrap>
        {wallets
          .filter(({ isDemo }) => !isDemo)
          .map((wallet) => (
            <Button key={wallet.id} onClick={() => void choose(wallet)}>
              {tell("acts.connect.button")}: {visible(wallet.name)}
            </Button>
          ))}
        {wallets.length === 0 && <span>{tell("session.noWallet.advice")}</span>}
      </Flex>
    </Flex>
  );
}
