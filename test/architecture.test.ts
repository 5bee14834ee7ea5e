import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const server = join(root, "server");

type Import = { readonly file: string; readonly target: string; readonly typeOnly: boolean };

/** Folders of server/ that each folder may import from; itself and packages go without saying. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  engines: [],
  chain: ["domain"],
  store: ["domain"],
  query: ["domain"],
  intake: ["domain"],
  proof: ["domain"],
  journal: ["domain", "store"],
  license: ["domain", "chain"],
  anchor: ["domain", "chain", "journal"],
  follow: ["domain", "chain", "store"],
  api: ["domain"],
  readmodel: ["domain", "api", "chain", "store"],
  metrics: [],
  client: ["domain", "api", "chain", "proof"],
  witness: ["domain", "api", "chain", "client", "engines"],
  usage: ["domain", "chain", "store", "query", "intake", "journal", "license", "anchor"],
  session: ["domain", "chain", "store"],
  http: ["domain", "api", "store", "journal", "usage", "readmodel", "session", "trail", "export"],
  export: ["domain", "api"],
  reconcile: ["domain"],
  trail: ["domain", "api", "journal", "readmodel", "session", "usage"],
  gateway: [
    ...["domain", "chain", "store", "journal", "license", "anchor", "proof", "readmodel", "metrics", "usage"],
    ...["session", "trail", "export", "http", ""],
  ],
};

/** Only they may import these packages for more than their types. */
const owners: Readonly<Record<string, readonly string[]>> = {
  pg: ["store", "engines", "intake"],
  "pg-copy-streams": ["intake"],
  "pg-cursor": ["store"],
  express: ["http"],
  helmet: ["http"],
  "rate-limiter-flexible": ["http", "usage", "trail"],
  "prom-client": ["metrics"],
  "libpg-query": ["query"],
  "hash-wasm": ["domain"],
  secp256k1: ["domain"],
  canonicalize: ["domain"],
  "csv-parse": ["intake", "reconcile"],
  "csv-parse/sync": ["intake"],
};

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const statements = text.matchAll(/(?:^|\n)(import|export)\s+(type\s+)?([^;]*?)\s*from\s+"([^"]+)"/g);
  const found = [...statements].map(([, , type, names = "", target = ""]) => ({
    file,
    target,
    typeOnly: type !== undefined || /^\{(\s*type [^,}]+,?)+\s*\}$/.test(names),
  }));
  const others = text.matchAll(/(?:^|\n)import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/g);
  return [...found, ...[...others].map(([, bare, lazy]) => ({ file, target: bare ?? lazy ?? "", typeOnly: false }))];
}

const files = globSync("**/*.ts", { cwd: server }).map((name) => join(server, name));
const imports = files.flatMap(importsOf);
const resolved = ({ file, target }: Import): string => relative(root, normalize(join(dirname(file), target)));
const isOwn = ({ target }: Import): boolean => target.startsWith(".");
const told = (found: Import): string => `${relative(root, found.file)} imports ${found.target}`;

/** The folder of server/ in which a file lies; empty for those that lie in server/ itself. */
function folderOf(path: string): string {
  const [top, folder, ...rest] = path.split("/");
  return top === "server" && rest.length > 0 ? (folder ?? "") : "";
}

describe("the direction of the imports in server/", () => {
  it("reads them all", () => {
    expect(files.length).toBeGreaterThan(80);
    expect(imports.length).toBeGreaterThan(300);
    expect(
      imports
        .filter(isOwn)
        .filter((found) => !files.some((file) => relative(root, file) === resolved(found)))
        .map(resolved)
        .filter((path) => !path.startsWith("typechain-types/")),
    ).toEqual([]);
  });

  it("has a rule for every folder", () => {
    expect(new Set(files.map((file) => folderOf(relative(root, file))).filter(Boolean))).toEqual(
      new Set(Object.keys(arrows)),
    );
  });

  it("has no circle in its rules", () => {
    const heightOf = (folder: string, above: readonly string[] = []): number => {
      if (above.includes(folder)) throw new Error(`${folder} stands above itself`);
      return 1 + Math.max(0, ...(arrows[folder] ?? []).map((below) => heightOf(below, [...above, folder])));
    };
    expect(() => Object.keys(arrows).map((folder) => heightOf(folder))).not.toThrow();
  });

  it.each(Object.entries(arrows))("%s imports only from %j", (folder, allowed) => {
    const upward = imports.filter((found) => {
      if (!isOwn(found) || folderOf(relative(root, found.file)) !== folder) return false;
      const target = resolved(found);
      if (target.startsWith("typechain-types/")) return folder !== "chain";
      return ![folder, ...allowed].includes(folderOf(target));
    });
    expect(upward.map(told)).toEqual([]);
  });

  it("main.ts is imported by nothing", () => {
    expect(imports.filter((one) => isOwn(one) && resolved(one) === "server/main.ts").map(told)).toEqual([]);
  });

  it("leaves the environment to config.ts, home.ts to scripts, and typechain-types to chain/", () => {
    const generated = imports.filter(({ target }) => target.includes("typechain-types"));
    expect(new Set(generated.map(({ file }) => folderOf(relative(root, file))))).toEqual(new Set(["chain"]));
    const readers = files.filter((file) => /process\.env\b/.test(readFileSync(file, "utf8")));
    expect(readers.map((file) => relative(server, file)).sort()).toEqual(["engines/anvil.ts", "main.ts"]);
  });

  it.each(Object.entries(owners))("%s is imported by %j alone", (name, folders) => {
    const found = imports.filter(({ target, typeOnly }) => target === name && !typeOnly);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(({ file }) => !folders.includes(folderOf(relative(root, file)))).map(told)).toEqual([]);
  });
});

describe("the database", () => {
  it("is opened by store/ and engines/ alone", () => {
    const openers = files.filter((file) => /new (pg\.)?(Client|Pool)\(/.test(readFileSync(file, "utf8")));
    expect(new Set(openers.map((file) => folderOf(relative(root, file))))).toEqual(new Set(["store", "engines"]));
  });
});

describe("the shape of our modules", () => {
  const all = ["server", "scripts", "test"].flatMap((folder) =>
    globSync("**/*.{ts,mjs}", { cwd: join(root, folder) }).map((name) => join(root, folder, name)),
  );

  it("knows no default exports", () => {
    expect(all.filter((file) => /^export default\b|\bas default\b/m.test(readFileSync(file, "utf8")))).toEqual([]);
  });

  it("knows no barrels", () => {
    expect(all.filter((file) => /\/index\.[a-z]+$/.test(file))).toEqual([]);
    const onlyPassedOn = all.filter(
      (file) => file.startsWith(server) && /^export (\*|\{[^}]*\}) from/m.test(readFileSync(file, "utf8")),
    );
    expect(onlyPassedOn).toEqual([]);
  });
});
