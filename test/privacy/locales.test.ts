import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const child = join(import.meta.dirname, "../support/localeChild.ts");
const environments = [
  { TZ: "UTC", LC_ALL: "C" },
  { TZ: "Asia/Shanghai", LC_ALL: "zh_CN.UTF-8" },
  { TZ: "America/St_Johns", LC_ALL: "en_CA.UTF-8" },
  { TZ: "Pacific/Apia", LC_ALL: "tr_TR.UTF-8" },
];

function run(environment: Readonly<Record<string, string>>): string {
  const env = { PATH: process.env.PATH, ...environment, LANG: environment.LC_ALL };
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", "tsx", child], { env, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return stdout;
}

it("digests, exports, cursors and times are the same in every time zone and language, in 1970, 2038 and 9999", () => {
  const [first, ...others] = environments.map(run);
  expect(first).toContain("9999-12-31T23:59:59");
  for (const other of others) expect(other).toBe(first);
});
