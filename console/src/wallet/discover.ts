import type { Provider, Wallet } from "./eip1193.ts";

type Announcement = {
  readonly info: { readonly uuid: string; readonly name: string; readonly icon: string };
  readonly provider: Provider;
};

/** Listens for wallets that announce themselves (EIP-6963) and asks for those that are there already. Returns how to stop. */
export function discoverWallets(found: (wallet: Wallet) => void): () => void {
  const listen = (event: Event): void => {
    const { detail } = event as CustomEvent<Announcement | undefined>;
    if (typeof detail?.info?.uuid !== "string" || typeof detail.provider?.request !== "function") return;
    const { uuid, name, icon } = detail.info;
    found({
      id: uuid,
      name: String(name).slice(0, 64),
      icon: isImage(icon) ? icon : undefined,
      provider: detail.provider,
      isDemo: false,
    });
  };
  addEventListener("eip6963:announceProvider", listen);
  dispatchEvent(new Event("eip6963:requestProvider"));
  return () => removeEventListener("eip6963:announceProvider", listen);
}

/** Nothing but a picture within the announcement itself. */
function isImage(icon: unknown): icon is string {
  return typeof icon === "string" && /^data:image\/(png|svg\+xml|webp|jpeg);base64,/.test(icon);
}
