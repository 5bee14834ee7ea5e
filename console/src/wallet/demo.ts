import { z } from "zod";
import { problemSchema } from "../../../server/api/primitives.ts";
import type { Wallet } from "./eip1193.ts";

/** Whether the gateway of this page keeps demo identities. */
export const hasDemo = document.querySelector<HTMLMetaElement>('meta[name="datapact-demo"]')?.content === "on";

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

/** The demo's identities as wallets; none where the gateway keeps none. */
export async function demoWallets(): Promise<readonly Wallet[]> {
  if (!hasDemo) return [];
  const answer = await fetch("/demo/identities");
  return identitiesSchema.parse(await answer.json()).map(({ key, name }) => ({
    id: `demo:${key}`,
    name,
    icon: undefined,
    isDemo: true,
    provider: { request: ({ method, params = [] }) => ask(key, method, params) },
  }));
}

async function ask(key: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ key, method, params });
  const headers = { "content-type": "application/json" };
  const response = await fetch("/demo/wallet", { method: "POST", headers, body });
  const told: unknown = await response.json();
  const problem = problemSchema.safeParse(told);
  if (problem.success)
    throw new WalletError(-32000, [problem.data.title, problem.data.detail].filter(Boolean).join(" "));
  const answer = answerSchema.parse(told);
  if ("error" in answer) throw new WalletError(answer.error.code, answer.error.message, answer.error.data);
  return answer.result;
}
