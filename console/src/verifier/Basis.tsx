import { useQuery } from "@tanstack/react-query";
import { Alert, Flex } from "antd";
import { useText } from "../language/language.tsx";
import { Hash } from "../parts/Hash.tsx";
import type { Manifest } from "./chain.ts";
import { manifestDigest, usePin } from "./pin.ts";
import type { Chain } from "./useChain.ts";

type Props = { readonly manifest: Manifest; readonly chain: Chain };

/** What a verdict rests on, for comparing it with what the operators of the space publish: the page's own manifest is the gateway's. */
export function Basis({ manifest, chain: { name, isDemo } }: Props) {
  const tell = useText();
  const { chainId, contracts } = manifest;
  return (
    <Flex vertical gap="small">
      {isDemo && <Alert showIcon type="warning" title={tell("verify.demo", { name })} />}
      <div>
        {tell("verify.chain", { chainId })} <code>{contracts.AccessLog?.address}</code>
      </div>
      <Pinned manifest={manifest} />
    </Flex>
  );
}

/** Whether a deployment is the one that the reader pinned. */
export function Pinned({ manifest }: Pick<Props, "manifest">) {
  const tell = useText();
  const pinned = usePin();
  const digest = useQuery({ queryKey: ["manifest", manifest], queryFn: () => manifestDigest(manifest) }).data;
  if (digest === undefined) return null;
  if (pinned !== undefined && pinned !== digest) return <Alert showIcon type="error" title={tell("pin.other")} />;
  return (
    <Flex vertical gap="small">
      {pinned === digest && <Alert showIcon type="success" title={tell("pin.same")} />}
      <div>
        {tell("pin.shown")} <Hash of={digest} />
      </div>
      {pinned === undefined && <span className="quiet">{tell("verify.compare")}</span>}
    </Flex>
  );
}
