import { Alert, Flex } from "antd";
import { useText } from "../language/language.tsx";
import type { Manifest } from "./chain.ts";
import type { Chain } from "./useChain.ts";

type Props = { readonly manifest: Manifest; readonly chain: Chain };

/** What a verdict rests on, for comparing it with what the operators of the space publish: the page's own manifest is the gateway's. */
export function Basis({ manifest: { chainId, contracts }, chain: { name, isDemo } }: Props) {
  const tell = useText();
  return (
    <Flex vertical gap="small">
      {isDemo && <Alert showIcon type="warning" title={tell("verify.demo", { name })} />}
      <div>
        {tell("verify.chain", { chainId })} <code>{contracts.AccessLog?.address}</code>
      </div>
      <span className="quiet">{tell("verify.compare")}</span>
    </Flex>
  );
}
