import { createHash } from "node:crypto";
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { compile, type Program, readSource, root } from "./compile.ts";
import { createJudge, type Judge } from "./judge.ts";
import { applyMutant, listMutants, type Mutant } from "./mutants.ts";

/**
 * Breaks the contracts in one place at a time and counts how often their tests notice.
 * `--only NAME` takes files whose name contains it, `--sample N` and `--seed S` so many at random, `--share 1/2` every second one.
 * Goes on where it stopped; survivors are judged again.
 */

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    sample: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    share: { type: "string", default: "1/1" },
  },
});

type Verdict = "killed" | "survived" | "stillborn" | "equivalent";

const sources = globSync("contracts/{*,libraries/*}.sol", { cwd: root }).sort();
const tests = globSync("test/contracts/**/*.t.sol", { cwd: root }).sort();

/** The tests where most mutants of a file die; all run only if one survives a quick look at these. */
const nearest: Readonly<Record<string, readonly string[]>> = {
  AccessLog: ["AccessLog", "Challenge"],
  Authority: ["Authority"],
  AgreementRegistry: ["AgreementLife", "Offer", "Sign"],
  DatasetRegistry: ["DatasetRegistry"],
  Descriptions: ["DatasetRegistry"],
  MerkleTree: ["MerkleTree"],
  PackedReceipts: ["Challenge"],
  ParticipantRegistry: ["ParticipantRegistry"],
  Signatures: ["Signatures", "Sign"],
  Texts: ["DatasetRegistry", "ParticipantRegistry"],
  TypedTerms: ["Offer"],
  UsagePolicy: ["UsagePolicy"],
};

/** Which files import a file, itself among them, however far. */
function dependentsOf(file: string): string[] {
  const imports = (path: string): string[] =>
    [...readSource(path).matchAll(/from "(\.[^"]+)"/g)].map(([, to]) => join(path, "..", to ?? ""));
  const reaches = (path: string): boolean => path === file || imports(path).some(reaches);
  return [...sources, ...tests].filter(reaches);
}

function programOf(mutant: Mutant | undefined, files: readonly string[]): Program | undefined {
  const texts = Object.fromEntries(files.map((path) => [path, readSource(path)]));
  return compile(mutant === undefined ? texts : { ...texts, [mutant.file]: applyMutant(mutant) });
}

const untouched = new Map<string, string>();

/** Tells whether no contract's code changes, compiled as it is deployed. The smallest is asked first, since one that changes is enough. */
function isEquivalent(mutant: Mutant, dependents: readonly string[]): boolean {
  const contracts = dependents.filter((file) =>
    /^(?:contracts\/[^/]+|.*(?:MerkleTree|Signatures)\.t)\.sol$/.test(file),
  );
  const bySize = contracts.sort((a, b) => readSource(a).length - readSource(b).length);
  return bySize.every((file) => {
    const before = untouched.get(file) ?? codeOf(file, {});
    untouched.set(file, before);
    return codeOf(file, { [mutant.file]: applyMutant(mutant) }) === before;
  });
}

function codeOf(file: string, changed: Readonly<Record<string, string>>): string {
  const program = compile({ [file]: readSource(file), ...changed }, file);
  return JSON.stringify([...(program ?? [])].map(([, { bytecode }]) => bytecode));
}

async function judgeMutant(mutant: Mutant, base: Program, judge: Judge): Promise<readonly [Verdict, string]> {
  const dependents = dependentsOf(mutant.file);
  const changed = programOf(mutant, dependents);
  if (changed === undefined) return ["stillborn", ""];
  const program = new Map([...base, ...changed]);
  const near = (nearest[basename(mutant.file, ".sol")] ?? []).map((name) => `test/contracts/${name}.t.sol`);
  const failed = await judge(program, near, true);
  if (failed.length === 0) failed.push(...(await judge(program, tests)));
  if (failed[0] !== undefined) return ["killed", failed[0]];
  return [isEquivalent(mutant, dependents) ? "equivalent" : "survived", ""];
}

/** The same sample for the same seed. */
function sampleOf(all: readonly Mutant[], count: number, seed: number): Mutant[] {
  const left = [...all];
  let state = seed;
  return Array.from({ length: Math.min(count, all.length) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return left.splice(state % left.length, 1)[0] as Mutant;
  });
}

function keyOf(mutant: Mutant): string {
  return createHash("sha256").update(readSource(mutant.file)).update(JSON.stringify(mutant)).digest("hex").slice(0, 24);
}

async function main(): Promise<void> {
  mkdirSync(join(root, "cache"), { recursive: true });
  const record = join(root, "cache/mutants.txt");
  const lines = existsSync(record) ? readFileSync(record, "utf8").trim().split("\n") : [];
  const known = new Map(lines.map((line) => line.split(" ") as [string, Verdict]));
  const [part = 1, parts = 1] = options.share.split("/").map(Number);
  const all = sources.filter((file) => file.includes(options.only)).flatMap(listMutants);
  const chosen = sampleOf(all, Number(options.sample), Number(options.seed)).filter((_, i) => i % parts === part - 1);

  const base = programOf(undefined, [...sources, ...tests]);
  if (base === undefined) throw new Error("the contracts do not compile");
  const judge = await createJudge();
  const failed = await judge(base, tests);
  if (failed.length > 0) throw new Error(`the tests fail without any mutation: ${failed.join(", ")}`);
  const counts: Record<string, Record<Verdict, number>> = {};
  for (const mutant of chosen) {
    const key = keyOf(mutant);
    let verdict = known.get(key);
    if (verdict === undefined || verdict === "survived") {
      const [found, by] = await judgeMutant(mutant, base, judge);
      verdict = found;
      appendFileSync(record, `${key} ${verdict}\n`);
      const change = `${flat(mutant.from)}  ->  ${flat(mutant.to) || "(nothing)"}`;
      console.log(`${verdict.padEnd(10)} ${mutant.file}:${mutant.line}  ${change}  ${by}`);
    }
    const name = basename(mutant.file, ".sol");
    counts[name] ??= { killed: 0, survived: 0, stillborn: 0, equivalent: 0 };
    counts[name][verdict] += 1;
  }
  for (const [name, count] of Object.entries(counts).sort()) console.log(name.padEnd(22), scoreOf(count));
  const sum = (verdict: Verdict): number => Object.values(counts).reduce((total, count) => total + count[verdict], 0);
  const total = {
    killed: sum("killed"),
    survived: sum("survived"),
    stillborn: sum("stillborn"),
    equivalent: sum("equivalent"),
  };
  console.log(JSON.stringify({ mutants: all.length, ...total, score: scoreOf(total) }));
}

function flat(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 90);
}

function scoreOf({ killed, survived }: Record<Verdict, number>): string {
  return `${killed} of ${killed + survived} noticed, ${((100 * killed) / Math.max(1, killed + survived)).toFixed(1)} %`;
}

await main();
process.exit(0);
