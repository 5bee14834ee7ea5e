import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readManifest } from "../server/chain/space.ts";
import { ConfigInvalid, readConfig, readSecret, settingNames } from "../server/gateway/config.ts";
import { openHome } from "../server/home.ts";
import { createKeystore, KeystoreUnusable, keystoreAddress, openKeystore } from "../server/keystore.ts";

const folder = mkdtempSync(join(tmpdir(), "datapact-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};

const file = write("any", "x");
const good = {
  DATAPACT_CHAIN_URL: "http://127.0.0.1:8545",
  DATAPACT_STORE_URL: "postgresql://a:b@127.0.0.1:5432/datapact",
  DATAPACT_HOSPITAL_URL: "postgres://a:b@127.0.0.1:5432/hospital",
  DATAPACT_MANIFEST: file,
  DATAPACT_GATEWAY_KEYSTORE: file,
  DATAPACT_PASSPHRASE_FILE: file,
  DATAPACT_PSEUDONYM_SECRET_FILE: file,
};

const problemsOf = (environment: NodeJS.ProcessEnv): string => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.message;
    throw error;
  }
  return "";
};

describe("settings", () => {
  it("are read, frozen, and have defaults", () => {
    const config = readConfig(good);
    expect(config).toMatchObject({ DATAPACT_PORT: 8787, DATAPACT_HOST: "127.0.0.1", DATAPACT_FINALITY_DEPTH: 0 });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("tell all problems at once", () => {
    const told = problemsOf({
      DATAPACT_CHAIN_URL: "ftp://somewhere",
      DATAPACT_STORE_URL: "mysql://a:b@c/d",
      DATAPACT_MANIFEST: join(folder, "not-there"),
      DATAPACT_GATEWAY_KEYSTORE: file,
      DATAPACT_PASSPHRASE_FILE: join(folder, "nor-this"),
      DATAPACT_PORT: "70000",
      DATAPACT_PROMISE_SECONDS: "1",
      DATAPACT_ROUNDING: "five",
    });
    for (const name of [
      "DATAPACT_CHAIN_URL: must be a URL such as http",
      "DATAPACT_STORE_URL: must be a URL such as postgresql",
      "DATAPACT_HOSPITAL_URL: is missing",
      "DATAPACT_MANIFEST: there is no file",
      "DATAPACT_PASSPHRASE_FILE: there is no file",
      "DATAPACT_PSEUDONYM_SECRET_FILE: is missing",
      "DATAPACT_PORT: ",
      "DATAPACT_PROMISE_SECONDS: ",
      "DATAPACT_ROUNDING: must be a whole number",
      "See .env.example",
    ]) {
      expect(told).toContain(name);
    }
    expect(told).not.toContain("DATAPACT_GATEWAY_KEYSTORE");
  });

  it.each([
    ["DATAPACT_PORT", ["-1", "65536", "80.5", "0x50", " 80", "1e3", "", "٣"]],
    ["DATAPACT_ANCHOR_INTERVAL_MS", ["0", "9", "3600001", "Infinity"]],
    ["DATAPACT_FINALITY_DEPTH", ["-1", "10001", "NaN"]],
    ["DATAPACT_CHAIN_URL", ["", "127.0.0.1:8545", "ws://127.0.0.1:8545", "http//x"]],
    ["DATAPACT_HOST", [""]],
    ["DATAPACT_MANIFEST", [""]],
  ])("%s refuses %j", (name, values) => {
    for (const value of values) expect(problemsOf({ ...good, [name]: value }), value).toContain(`${name}: `);
  });

  it("has an example that names every setting", () => {
    const root = join(import.meta.dirname, "..");
    const example = readFileSync(join(root, ".env.example"), "utf8");
    const named = [...example.matchAll(/^(?:# )?(DATAPACT_\w+)=/gm)].map(([, name]) => name);
    const files = globSync("{server,scripts}/**/*.ts", { cwd: root }).filter(
      (file) => !/^scripts\/(bench|soak|mutate)\//.test(file),
    );
    const sources = files.map((file) => readFileSync(join(root, file), "utf8"));
    const read = sources.flatMap((text) => [...text.matchAll(/\b(?:DATAPACT_[A-Z_]+)\b/g)].map(([name]) => name));
    expect(named.toSorted()).toEqual([...new Set([...settingNames, ...read])].toSorted());
    const defaults = Object.fromEntries(
      [...example.matchAll(/^(DATAPACT_\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
    );
    expect(readConfig({ ...defaults, ...good })).toEqual(readConfig(good));
  });

  it.each(["somewhere", "10.0.0.1/33", "10.0.0.0/0", "::1/129", "10.0.0.1,,x", "10.0.0.1/8/8", "0.0.0.0/"])(
    "%s is no list of proxies",
    (value) => {
      expect(problemsOf({ ...good, DATAPACT_TRUSTED_PROXIES: value })).toContain("DATAPACT_TRUSTED_PROXIES");
    },
  );

  it("take proxies by address and by network", () => {
    const config = readConfig({ ...good, DATAPACT_TRUSTED_PROXIES: "10.0.0.5, 192.168.7.0/24,fd00::/8" });
    expect(config.DATAPACT_TRUSTED_PROXIES).toEqual(["10.0.0.5", "192.168.7.0/24", "fd00::/8"]);
  });
});

describe("a file that holds a secret", () => {
  it("may end with a line end, and may not be empty", () => {
    expect(readSecret(write("secret", "abc\n"))).toBe("abc");
    expect(() => readSecret(write("empty", " \n"))).toThrow(/is empty/);
  });
});

describe("a manifest", () => {
  it.each(["", "{", "[]", "null", '{"chainId":1}', '{"chainId":"31337"}'])(
    "that is %j is refused by its name",
    (text) => {
      const manifest = write("manifest.json", text);
      expect(() => readManifest(manifest)).toThrow(`${manifest} is not a manifest of Datapact`);
    },
  );
});

describe("where a space listens", () => {
  it.each(["", "{", "[]", '{"chainUrl":1}'])("is told by a file, which is named if it is %j", (text) => {
    const home = openHome(folder);
    const addresses = write("addresses.json", text);
    expect(() => home.addresses()).toThrow(addresses);
  });
});

describe("a keystore", () => {
  it("opens with its passphrase alone, and is never overwritten", async () => {
    const keystore = join(folder, "keys", "one.json");
    const { address } = await createKeystore(keystore, "a passphrase");
    expect(keystoreAddress(keystore)).toBe(address.toLowerCase());
    expect(statSync(keystore).mode & 0o077).toBe(0);
    expect((await openKeystore(keystore, "a passphrase")).address).toBe(address);
    await expect(openKeystore(keystore, "another")).rejects.toThrow(`the passphrase does not open ${keystore}`);
    const before = readFileSync(keystore, "utf8");
    await expect(createKeystore(keystore, "a passphrase")).rejects.toThrow(/never overwritten/);
    expect(readFileSync(keystore, "utf8")).toBe(before);
  });

  it("that is not there says how to make one", async () => {
    await expect(openKeystore(join(folder, "none.json"), "x")).rejects.toThrow(/datapact key create/);
    expect(() => keystoreAddress(join(folder, "none.json"))).toThrow(KeystoreUnusable);
  });

  it.each(["", "not JSON", "{}", "[]", "null", '{"address":1}', '{"version":3,"crypto":{}}'])(
    "that is %j is refused by its name",
    async (text) => {
      const keystore = write("bad.json", text);
      await expect(openKeystore(keystore, "x")).rejects.toThrow(KeystoreUnusable);
      await expect(openKeystore(keystore, "x")).rejects.toThrow(keystore);
      expect(() => keystoreAddress(keystore)).toThrow(KeystoreUnusable);
    },
  );
});
