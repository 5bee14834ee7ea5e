import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Sources by path, as the compiler is to see them. */
export type Sources = Readonly<Record<string, string>>;
export type Compiled = { readonly abi: unknown; readonly bytecode: string; readonly deployedBytecode: string };
/** By `path:name`. */
export type Program = ReadonlyMap<string, Compiled>;
export type Node = { readonly nodeType?: string; readonly src?: string; readonly [key: string]: unknown };

type Output = {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, Code>>>>;
  readonly sources?: Readonly<Record<string, { readonly ast: Node }>>;
};
type Code = {
  readonly abi: unknown;
  readonly evm: Readonly<Record<"bytecode" | "deployedBytecode", { object: string }>>;
};

const solc = createRequire(import.meta.url)("solc") as {
  compile: (input: string, callbacks: { import: (path: string) => { contents: string } }) => string;
};

/** In haste: what the tests see is what a mutant does, not what it costs. */
const hasty = { optimizer: { enabled: false } };
/** As deployed. Two texts with equal code here are the same program. */
const deployed = { viaIR: true, optimizer: { enabled: true, runs: 1_000_000 }, metadata: { appendCBOR: false } };

export function readSource(path: string): string {
  return readFileSync(join(root, path.startsWith("@") ? "node_modules" : "", path), "utf8");
}

function run(sources: Sources, settings: object, outputSelection: object): Output {
  const content = Object.fromEntries(Object.entries(sources).map(([path, text]) => [path, { content: text }]));
  const input = {
    language: "Solidity",
    sources: content,
    settings: { evmVersion: "osaka", ...settings, outputSelection },
  };
  return JSON.parse(
    solc.compile(JSON.stringify(input), { import: (path) => ({ contents: readSource(path) }) }),
  ) as Output;
}

/** Compiles these sources in haste, or one of them as it is deployed; undefined if they are no program. */
export function compile(sources: Sources, deployedFile?: string): Program | undefined {
  const code = { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] };
  const all = Object.fromEntries(Object.keys(sources).map((path) => [path, code]));
  const output =
    deployedFile === undefined ? run(sources, hasty, all) : run(sources, deployed, { [deployedFile]: code });
  if (output.errors?.some(({ severity }) => severity === "error")) return undefined;
  const found = Object.entries(output.contracts ?? {}).flatMap(([path, contracts]) =>
    Object.entries(contracts).map(([name, { abi, evm }]): [string, Compiled] => [
      `${path}:${name}`,
      { abi, bytecode: evm.bytecode.object, deployedBytecode: evm.deployedBytecode.object },
    ]),
  );
  return new Map(found);
}

/** Returns the syntax tree of one source. */
export function parse(path: string, text: string): Node {
  const tree = run({ [path]: text }, hasty, { [path]: { "": ["ast"] } }).sources?.[path]?.ast;
  if (tree === undefined) throw new Error(`${path} does not compile`);
  return tree;
}
