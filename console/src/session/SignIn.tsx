import { Alert, Avatar, Button, Divider, Flex, Modal, Typography } from "antd";
import { useState } from "react";
import { useAnswer } from "../api/useAnswer.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { BusyButton } from "../parts/BusyButton.tsx";
import { Nothing } from "../parts/Nothing.tsx";
import { visible } from "../parts/visible.ts";
import { type Connection, chainOf, connect } from "../wallet/connect.ts";
import { hasDemo } from "../wallet/demo.ts";
import type { Wallet } from "../wallet/eip1193.ts";
import { useSession } from "./SessionProvider.tsx";
import { SignInProblem } from "./SignInProblem.tsx";
import { signIn, writeMessage } from "./signIn.ts";

type Step =
  | { readonly name: "choose" }
  | { readonly name: "chain"; readonly connection: Connection; readonly found: number }
  | { readonly name: "message"; readonly connection: Connection; readonly message: string };

/** Choose a wallet, see the message, sign it. */
export function SignIn({ onClose }: { readonly onClose: () => void }) {
  const tell = useText();
  const { connected, signedIn } = useSession();
  const about = useAnswer("gateway", {});
  const chainId = about.data?.manifest.chainId;
  const [step, setStep] = useState<Step>({ name: "choose" });
  const [problem, setProblem] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setProblem(undefined);
    setBusy(true);
    try {
      await work();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const prepare = async (connection: Connection): Promise<void> => {
    if (chainId === undefined) throw new Error("the gateway does not answer");
    const found = await chainOf(connection.wallet.provider);
    if (found !== chainId) setStep({ name: "chain", connection, found });
    else setStep({ name: "message", connection, message: await writeMessage(connection, chainId) });
  };
  const choose = (wallet: Wallet) => attempt(async () => prepare(await connect(wallet)));

  return (
    <Modal open title={tell("session.signIn")} footer={null} onCancel={onClose}>
      <Flex vertical gap="middle">
        {problem !== undefined && <SignInProblem of={problem} />}
        {step.name === "choose" && (
          <Answered of={about}>{() => <Choice isBusy={isBusy} choose={(wallet) => void choose(wallet)} />}</Answered>
        )}
        {step.name === "chain" && (
          <>
            <Alert
              showIcon
              type="warning"
              title={tell("session.wrongChain", { found: step.found })}
              description={tell("session.wrongChain.advice", { chainId: chainId ?? "" })}
            />
            <BusyButton
              type="primary"
              isBusy={isBusy}
              onClick={() =>
                void attempt(async () => {
                  await step.connection.wallet.provider.request({
                    method: "wallet_switchEthereumChain",
                    params: [{ chainId: `0x${(chainId ?? 0).toString(16)}` }],
                  });
                  await prepare(step.connection);
                })
              }
            >
              {tell("session.switch")}
            </BusyButton>
          </>
        )}
        {step.name === "message" && (
          <>
            <Typography.Text strong>{tell("session.message")}</Typography.Text>
            <pre className="text message">{step.message}</pre>
            <BusyButton
              type="primary"
              isBusy={isBusy}
              onClick={() =>
                void attempt(async () => {
                  const opened = await signIn(step.connection, step.message);
                  connected(step.connection);
                  signedIn(opened);
                  onClose();
                })
              }
            >
              {tell("session.sign")}
            </BusyButton>
          </>
        )}
        {step.name !== "choose" && (
          <Button type="text" onClick={() => setStep({ name: "choose" })}>
            {tell("session.back")}
          </Button>
        )}
      </Flex>
    </Modal>
  );
}

function Choice({ isBusy, choose }: { readonly isBusy: boolean; readonly choose: (wallet: Wallet) => void }) {
  const tell = useText();
  const { wallets } = useSession();
  const [own, demo] = [wallets.filter(({ isDemo }) => !isDemo), wallets.filter(({ isDemo }) => isDemo)];
  const button = (wallet: Wallet) => (
    <Button
      key={wallet.id}
      block
      disabled={isBusy}
      icon={wallet.icon === undefined ? undefined : <Avatar src={wallet.icon} size={20} shape="square" alt="" />}
      onClick={() => choose(wallet)}
    >
      {visible(wallet.name)}
    </Button>
  );
  return (
    <>
      <Typography.Paragraph style={{ margin: 0 }}>{tell("session.lead")}</Typography.Paragraph>
      {own.length > 0 && <Typography.Text type="secondary">{tell("session.wallets")}</Typography.Text>}
      {own.map(button)}
      {own.length === 0 && demo.length === 0 && (
        <Nothing>
          <strong>{tell("session.noWallet")}</strong>
          <br />
          {tell("session.noWallet.advice")}
        </Nothing>
      )}
      {demo.length === 0 && hasDemo && <Alert showIcon type="info" title={tell("session.demo.locked")} />}
      {demo.length > 0 && (
        <>
          <Divider style={{ margin: 0 }} plain>
            {tell("session.demo")}
          </Divider>
          <span className="quiet">{tell("session.demo.lead")}</span>
          {demo.map(button)}
        </>
      )}
    </>
  );
}
