import { randomBytes } from "node:crypto";
import { getBytes, isHexString, type JsonRpcProvider, toUtf8String, type Wallet } from "ethers";
import { z } from "zod";
import { transact } from "../../server/chain/transact.ts";
import type { Demo, DemoAnswer } from "../../server/http/demo.ts";
import type { FoundedSpace, Founder } from "./foundSpace.ts";

const hex = z.string().refine((text) => isHexString(text), "must be hex");
const typedDataSchema = z.object({
  domain: z.record(z.string(), z.unknown()),
  types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
  message: z.record(z.string(), z.unknown()),
});
const transactionSchema = z.object({ to: hex, data: hex.optional(), from: hex.optional() });

/** What a page may ask the chain itself, beside what it asks of a key. */
const readMethods = [
  "eth_blockNumber",
  "eth_call",
  "eth_chainId",
  "eth_getBlockByHash",
  "eth_getBlockByNumber",
  "eth_getCode",
  "eth_getLogs",
  "eth_getTransactionByHash",
  "eth_getTransactionReceipt",
];

const unsupported: DemoAnswer = { error: { code: 4200, message: "The demo's wallet does not know this method." } };

/** Makes wallets of the demo's keys, as a browser's extension would have them. */
export function createDemoWallets({ space, wallet }: FoundedSpace, founders: readonly Founder[]): Demo {
  const people = founders.filter(({ roles }) => !roles.includes("Gateway"));
  const { provider } = space;
  return Object.freeze<Demo>({
    secret: randomBytes(16).toString("hex"),
    identities: people.map(({ key, name }) => ({ key, name, address: wallet(key).address.toLowerCase() })),
    ask: async (key, method, params) => {
      if (!people.some((person) => person.key === key)) return unsupported;
      try {
        if (readMethods.includes(method)) return { result: await provider.send(method, [...params]) };
        const answer = keyMethods[method];
        return answer === undefined ? unsupported : { result: await answer(wallet(key), provider, params) };
      } catch (error) {
        return { error: describe(error) };
      }
    },
  });
}

type Answer = (wallet: Wallet, provider: JsonRpcProvider, params: readonly unknown[]) => unknown;

const accounts: Answer = ({ address }) => [address.toLowerCase()];

const keyMethods: Readonly<Record<string, Answer>> = {
  eth_accounts: accounts,
  eth_requestAccounts: accounts,
  personal_sign: (wallet, _provider, [message]) => wallet.signMessage(toUtf8String(getBytes(hex.parse(message)))),
  eth_signTypedData_v4: (wallet, _provider, [, text]) => {
    const { domain, types, message } = typedDataSchema.parse(JSON.parse(z.string().parse(text)));
    const { EIP712Domain: _, ...named } = types;
    return wallet.signTypedData(domain, named, message);
  },
  eth_sendTransaction: async (wallet, provider, [asked]) => {
    const { to, data = "0x" } = transactionSchema.parse(asked);
    return (await transact(wallet.connect(provider), to, data)).hash;
  },
};

function describe(error: unknown): { code: number; message: string; data?: string } {
  const { data, info } = error as { data?: unknown; info?: { error?: { data?: unknown } } };
  const said = [data, info?.error?.data].find((found) => typeof found === "string");
  const message = error instanceof Error ? error.message.slice(0, 500) : String(error);
  return { code: -32000, message, ...(typeof said === "string" && { data: said }) };
}
