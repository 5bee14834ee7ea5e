import { z } from "zod";
import { problemSchema } from "../../../server/api/primitives.ts";
import { readPreference, writePreference } from "../parts/preference.ts";
import type { Wallet } from "./eip1193.ts";

/** Whether the gateway of this page keeps demo identities. */
export const hasDemo = document.querySelector<HTMLMetaElement>('meta[name="datapact-demo"]')?.content === "on";

/** Shows this page to be opened by who started the gateway: it came in the address that was printed then, which no gateway is sent. */
const secret = takeSecret();

const identitiesSchema = z.array(z.object({ key: z.string(), name: z.string(), address: z.string() }));
const answerSchema = z.union([
  z.object({ result: z.unknown() }),
  z.object({ error: z.object({ code: z.number(), message: z.string(), data: z.string().optional() }) }),
]);

/** What a wallet refused or failed to do. */
export class WalletError extends Error {
  override readonly name = "WalletError";
  readonly code: number;
  readonly data: string | undefined;
  constructor(code: number, message: string, data?: string) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** The demo's identities as wallets; none where the gateway keeps none, or the page was not opened at the address that was printed. */
export async function demoWallets(): Promise<readonly Wallet[]> {
  if (!hasDemo || secret === null) return [];
  const answer = await fetch("/demo/identities", { headers: { "x-datapact-demo": secret } });
  if (answer.status === 404) return [];
  return identitiesSchema.parse(await answer.json()).map(({ key, name }) => ({
    id: `demo:${key}`,
    name,
    icon: undefined,
    isDemo: true,
    provider: { request: ({ method, params = [] }) => ask(key, method, params) },
  }));
}

/** Takes the secret out of the address, so that it is not handed on with it, and keeps it for the other windows. */
function takeSecret(): string | null {
  const [, given] = /^#demo=([0-9a-f]{32})$/.exec(location.hash) ?? [];
  if (given === undefined) return readPreference("demo");
  writePreference("demo", given);
  history.replaceState(history.state, "", location.pathname + location.search);
  return given;
}

async function ask(key: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ key, method, params });
  const headers = { "content-type": "application/json", "x-datapact-demo": secret ?? "" };
  const response = await fetch("/demo/wallet", { method: "POST", headers, body });
  const told: unknown = await response.json();
  const problem = problemSchema.safeParse(told);
  if (problem.success)
    throw new WalletError(-32000, [problem.data.title, problem.data.detail].filter(Boolean).join(" "));
  const answer = answerSchema.parse(told);
  if ("error" in answer) throw new WalletError(answer.error.code, answer.error.message, answer.error.data);
  return answer.result;
}
