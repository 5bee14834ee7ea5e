import { existsSync, readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { z } from "zod";
import { longestPromise } from "../domain/receipt.ts";

const url = (protocol: RegExp, example: string) => z.url({ protocol, error: `must be a URL such as ${example}` });

const number = (least: number, most: number) =>
  z
    .string()
    .regex(/^[0-9]+$/, "must be a whole number")
    .transform(Number)
    .pipe(z.int().min(least).max(most));

const count = (fallback: number, least: number, most: number) => number(least, most).default(fallback);

const list = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

const network = z
  .string()
  .refine(isNetwork, "must be addresses or networks with commas between, such as 10.0.0.5,192.168.7.0/24");

function isNetwork(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const width = isIP(address) === 4 ? 32 : 128;
  const isPrefix = bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= width);
  return isIP(address) !== 0 && isPrefix && more.length === 0;
}

const originHint = "must be where browsers find the gateway, and no path: https://gateway.hospital.example";

/** Browsers keep a session's cookie only where nobody can read it on its way: over TLS, or on this machine. */
function isOrigin(text: string): boolean {
  const found = URL.parse(text);
  if (found === null || found.origin !== text) return false;
  const isHere = found.hostname === "localhost" || found.hostname === "[::1]" || found.hostname.startsWith("127.");
  return found.protocol === "https:" || (found.protocol === "http:" && isHere);
}

const postgresUrl = url(/^postgres(ql)?$/, "postgresql://user:password@host:5432/database");

const schema = z.object({
  DATAPACT_CHAIN_URL: url(/^https?$/, "http://127.0.0.1:8545"),
  DATAPACT_CHAIN_SECOND_URL: url(/^https?$/, "http://127.0.0.1:8546").optional(),
  DATAPACT_CHAIN_SUBSCRIPTION_URL: url(/^wss?$/, "ws://127.0.0.1:8545").optional(),
  DATAPACT_STORE_URL: postgresUrl,
  DATAPACT_HOSPITAL_URL: postgresUrl,
  DATAPACT_MANIFEST: z.string().min(1),
  DATAPACT_GATEWAY_KEYSTORE: z.string().min(1),
  DATAPACT_PASSPHRASE_FILE: z.string().min(1),
  DATAPACT_PSEUDONYM_SECRET_FILE: z.string().min(1),
  DATAPACT_HOST: z.string().min(1).default("127.0.0.1"),
  DATAPACT_PORT: count(8787, 0, 65_535),
  DATAPACT_PUBLIC_ORIGIN: z.string().refine(isOrigin, originHint).optional(),
  DATAPACT_SESSION_IDLE_SECONDS: count(900, 60, 86_400),
  DATAPACT_SESSION_SECONDS: count(28_800, 60, 7 * 86_400),
  DATAPACT_ANCHOR_INTERVAL_MS: count(2_000, 10, 3_600_000),
  DATAPACT_HEAD_AGE_MS: count(50, 0, 1_000),
  DATAPACT_BLOCK_AGE_SECONDS: count(0, 0, 86_400),
  DATAPACT_FINALITY_DEPTH: count(0, 0, 10_000),
  DATAPACT_REORG_DEPTH: count(256, 0, 100_000),
  DATAPACT_MOST_FEE_GWEI: count(1_000, 0, 1_000_000_000),
  DATAPACT_FEE_PATIENCE_SECONDS: count(30, 1, 3_600),
  DATAPACT_SCRUB_PAUSE_MS: count(1_000, 10, 3_600_000),
  DATAPACT_PROMISE_SECONDS: count(3_600, 60, longestPromise),
  DATAPACT_ANCHORED_WAIT_SECONDS: count(60, 1, 3_600),
  DATAPACT_ROUNDING: count(5, 1, 100),
  DATAPACT_TIME_STEP_MS: count(20, 0, 10_000),
  DATAPACT_PEER_REQUESTS_PER_MINUTE: count(12_000, 1, 100_000_000),
  DATAPACT_TRUSTED_PROXIES: z.string().default("").transform(list).pipe(z.array(network)),
  DATAPACT_METRICS_HOST: z.string().min(1).default("127.0.0.1"),
  DATAPACT_METRICS_PORT: number(0, 65_535).optional(),
  DATAPACT_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  DATAPACT_CONNECTIONS: count(8, 2, 200),
  DATAPACT_REQUESTS_PER_SECOND: count(100, 1, 1_000_000),
  DATAPACT_STRANGERS_PER_SECOND: count(20, 1, 1_000_000),
});

/** The names of all settings. */
export const settingNames: readonly string[] = Object.keys(schema.shape);

/** Settings of a gateway, each from the environment variable of the same name. */
export type Config = Readonly<z.output<typeof schema>>;

/** Thrown with every problem of the settings at once. */
export class ConfigInvalid extends Error {
  override readonly name = "ConfigInvalid";
  constructor(problems: readonly string[]) {
    super(`the settings cannot be used:\n${problems.map((problem) => `  ${problem}`).join("\n")}\nSee .env.example.`);
  }
}

const listening = schema.pick({
  DATAPACT_HOST: true,
  DATAPACT_PORT: true,
  DATAPACT_METRICS_HOST: true,
  DATAPACT_METRICS_PORT: true,
});

/** The settings that say where a gateway listens. */
export type ListeningConfig = Readonly<z.output<typeof listening>>;

/** Reads these settings alone, before there is anything else. Throws `ConfigInvalid`. */
export function readListening(environment: NodeJS.ProcessEnv): ListeningConfig {
  const parsed = listening.safeParse(environment);
  if (!parsed.success) throw new ConfigInvalid(parsed.error.issues.map(describe));
  return parsed.data;
}

/** Reads and checks the settings; the only place that reads the environment of a gateway. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const parsed = schema.safeParse(environment);
  const problems = [
    ...(parsed.error?.issues.map(describe) ?? []),
    ...missingFiles(environment),
    ...openSecrets(environment),
    ...(parsed.success ? contradictions(parsed.data) : []),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigInvalid(problems);
  return Object.freeze(parsed.data);
}

/** What cannot hold together: a receipt's promise leaves room for the interval, a failure and a second try; final is not reversible. */
function contradictions(config: Config): string[] {
  const problems: string[] = [];
  if (config.DATAPACT_ANCHOR_INTERVAL_MS * 4 > config.DATAPACT_PROMISE_SECONDS * 1_000)
    problems.push("DATAPACT_PROMISE_SECONDS: must be at least four times DATAPACT_ANCHOR_INTERVAL_MS");
  if (config.DATAPACT_REORG_DEPTH < config.DATAPACT_FINALITY_DEPTH)
    problems.push("DATAPACT_REORG_DEPTH: must be at least DATAPACT_FINALITY_DEPTH");
  return problems;
}

function describe(issue: z.core.$ZodIssue): string {
  const missing = issue.code === "invalid_type" && issue.input === undefined;
  return `${issue.path.join(".")}: ${missing ? "is missing" : issue.message}`;
}

function missingFiles(environment: NodeJS.ProcessEnv): string[] {
  const names = [
    "DATAPACT_MANIFEST",
    "DATAPACT_GATEWAY_KEYSTORE",
    "DATAPACT_PASSPHRASE_FILE",
    "DATAPACT_PSEUDONYM_SECRET_FILE",
  ] as const;
  return names.flatMap((name) => {
    const file = environment[name];
    return file === undefined || file === "" || existsSync(file) ? [] : [`${name}: there is no file ${file}`];
  });
}

/** Windows has no such modes. */
function openSecrets(environment: NodeJS.ProcessEnv): string[] {
  if (process.platform === "win32") return [];
  const names = ["DATAPACT_GATEWAY_KEYSTORE", "DATAPACT_PASSPHRASE_FILE", "DATAPACT_PSEUDONYM_SECRET_FILE"] as const;
  return names.flatMap((name) => {
    const file = environment[name];
    if (file === undefined || !existsSync(file) || (statSync(file).mode & 0o077) === 0) return [];
    return [`${name}: others may read ${file}; run chmod 600 on it`];
  });
}

/** Reads a file that holds one secret in one line. */
export function readSecret(file: string): string {
  const secret = readFileSync(file, "utf8").trim();
  if (secret === "") throw new ConfigInvalid([`${file} is empty`]);
  return secret;
}
