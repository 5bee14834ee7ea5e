import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../server/domain/json.ts";
import { type Context, Mistake } from "./context.ts";
import { readSeconds } from "./read.ts";

const seconds = z.int().min(0).max(999_999);
const url = z.url({ protocol: /^https?$/ });

/** What `--config` names: the same as the options, which go before it. */
const configSchema = z.strictObject({
  gateways: z.array(z.strictObject({ name: z.string().min(1), url: url.optional() })).optional(),
  state: z.string().min(1).optional(),
  receipts: z.array(z.string().min(1)).optional(),
  heard: z.array(z.string().min(1)).optional(),
  every: seconds.min(1).optional(),
  silent: seconds.optional(),
  overdue: seconds.optional(),
  depth: seconds.optional(),
  webhook: url.optional(),
});
export type WatchConfig = {
  readonly gateways: readonly { readonly name: string; readonly url?: string | undefined }[];
  readonly state: string;
  readonly receipts: readonly string[];
  readonly heard: readonly string[];
  readonly every: number;
  readonly silent: number;
  readonly overdue: number;
  readonly depth: number;
  readonly webhook: string | undefined;
};

export type WatchOptions = {
  config?: string;
  gateway?: string[];
  state?: string;
  receipts?: string[];
  heard?: string[];
  every?: string;
  silent?: string;
  overdue?: string;
  depth?: string;
  webhook?: string;
};

/** Reads options and file together. Throws `Mistake` with what is wrong. */
export function readWatchConfig({ home }: Pick<Context, "home">, options: WatchOptions): WatchConfig {
  const file = options.config === undefined ? {} : readFile(options.config);
  const number = (name: "every" | "silent" | "overdue" | "depth", fallback: number): number => {
    const asked = options[name];
    return asked === undefined ? (file[name] ?? fallback) : readSeconds(name, asked);
  };
  const webhook = options.webhook ?? file.webhook;
  if (webhook !== undefined && !url.safeParse(webhook).success)
    throw new Mistake(`--webhook is "${webhook}" and must be a URL such as https://alarms.example/datapact.`);
  return {
    gateways: options.gateway?.map(readGateway) ?? file.gateways ?? [],
    state: options.state ?? file.state ?? join(home.folder, "watch"),
    receipts: options.receipts ?? file.receipts ?? [home.receipts],
    heard: options.heard ?? file.heard ?? [],
    every: Math.max(1, number("every", 10)),
    silent: number("silent", 120),
    overdue: number("overdue", 3_600),
    depth: number("depth", 0),
    webhook,
  };
}

function readFile(name: string): z.output<typeof configSchema> {
  if (!existsSync(name)) throw new Mistake(`there is no file ${name}.`);
  const parsed = configSchema.safeParse(parseJson(readFileSync(name, "utf8")));
  if (!parsed.success) throw new Mistake(`${name} cannot be used:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** `NAME` or `NAME=URL`. */
function readGateway(text: string): { name: string; url?: string } {
  const [, name = text, address] = /^(.+?)=(https?:\/\/.*)$/.exec(text) ?? [];
  if (address === undefined) return { name };
  if (!url.safeParse(address).success) throw new Mistake(`--gateway: "${address}" is no URL.`);
  return { name, url: address };
}
