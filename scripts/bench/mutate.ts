import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Breaks the contracts in one place at a time and counts how often their tests notice.
 * `node --import tsx scripts/bench/mutate.ts [sample=20] [minutes=30] [seed=1] [only=AccessLog]`
 */

type Mutant = { readonly file: string; readonly at: number; readonly from: string; readonly to: string };

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What is replaced by what; a function gives the replacement, or nothing if there is none. */
const operators: readonly (readonly [RegExp, (match: RegExpExecArray) => string | undefined])[] = [
  [/\bif \((?!!\()(.+)\)(?= (?:revert|return|[a-z_]))/g, ([, condition]) => `if (!(${condition}))`],
  [/(?<= )(?:<=|>=|<|>)(?= )/g, ([operator]) => ({ "<": "<=", "<=": "<", ">": ">=", ">=": ">" })[operator]],
  [/(?<= )(?:==|!=)(?= )/g, ([operator]) => (operator === "==" ? "!=" : "==")],
  [/(?<= )(?:&&|\|\|)(?= )/g, ([operator]) => (operator === "&&" ? "||" : "&&")],
  [/(?<= )[+-](?= )/g, ([operator]) => (operator === "+" ? "-" : "+")],
  [/(?<=[ (])\d[\d_]*(?=[;,) ])(?! bytes)/g, ([digits]) => String(Number(digits.replaceAll("_", "")) + 1)],
  [/^ +if \(.+\) revert .+;$/gm, () => ""],
  [
    /^ +(?!return|emit|revert|using|if|else|for|while|let|mstore)[a-z_][\w.[\]()]*(?:\[.*\])? (?:=|\+=|\|=) .+;$/gm,
    () => "",
  ],
  [/^ +(?:\+\+.+|_[a-z]\w+\(.*\)|emit .+);$/gm, () => ""],
  [/\btrue\b|\bfalse\b/g, ([word]) => (word === "true" ? "false" : "true")],
];

function listMutants(only: string): Mutant[] {
  return ["contracts", "contracts/libraries"]
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
    .filter((file) => file.endsWith(".sol") && file.includes(only))
    .flatMap((file) => {
      const source = readFileSync(join(root, file), "utf8");
      return operators.flatMap(([pattern, replace]) =>
        [...source.matchAll(pattern)].flatMap((match) => {
          const to = replace(match as RegExpExecArray);
          const isCode = isExecutable(source, match.index);
          return to === undefined || !isCode ? [] : [{ file, at: match.index, from: match[0], to }];
        }),
      );
    });
}

/** Neither a comment, an import nor a pragma. */
function isExecutable(source: string, at: number): boolean {
  const line = source.slice(source.lastIndexOf("\n", at) + 1, source.indexOf("\n", at));
  const before = source.slice(source.lastIndexOf("\n", at) + 1, at);
  return !before.includes("//") && !/^\s*(?:import|pragma|\/\/|\*|using|mapping)/.test(line);
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

/** A copy whose compiler does not optimize, since every mutant is compiled with all tests. */
function makeCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), "datapact-mutants-"));
  for (const name of ["contracts", "test/contracts", "package.json"])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const quick = 'details: { yul: true, yulDetails: { stackAllocation: true, optimizerSteps: "u" } }';
  const config = `import { createRequire } from "node:module"; export default {
  solidity: {
    version: "0.8.37",
    path: createRequire(import.meta.url).resolve("solc/soljson.js"),
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
    settings: { evmVersion: "osaka", viaIR: true, optimizer: { enabled: false, ${quick} } },
  },
  paths: { sources: "./contracts", tests: { solidity: "./test/contracts" } },
  test: { solidity: { fuzz: { runs: 32, seed: "0xda7a" }, invariant: { runs: 4, depth: 32, failOnRevert: true } } },
};
`;
  writeFileSync(join(copy, "hardhat.config.ts"), config);
  return copy;
}

/** The tests where most mutants of a file die; all others run only if one survives these. */
const nearest: Record<string, readonly string[]> = {
  AccessLog: ["AccessLog", "Challenge"],
  AgreementRegistry: ["AgreementLife", "Sign"],
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

function nearestTests(file: string): string[] {
  return (nearest[basename(file, ".sol")] ?? []).map((name) => `test/contracts/${name}.t.sol`);
}

type Verdict = "killed" | "survived" | "stillborn";

function judge(copy: string, tests: readonly string[]): Promise<Verdict> {
  const cli = join(root, "node_modules/hardhat/dist/src/cli.js");
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [cli, "test", "solidity", ...tests],
      { cwd: copy, timeout: 300_000, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        if (error === null) resolve("survived");
        else resolve(/Compilation failed/.test(stdout + stderr) ? "stillborn" : "killed");
      },
    );
  });
}

async function main([sample = "20", minutes = "30", seed = "1", only = ""]: string[]): Promise<void> {
  const all = listMutants(only);
  const chosen = sampleOf(all, Number(sample), Number(seed));
  const copy = makeCopy();
  const end = Date.now() + Number(minutes) * 60_000;
  const counts: Record<Verdict, number> = { killed: 0, survived: 0, stillborn: 0 };
  try {
    if ((await judge(copy, [])) !== "survived") throw new Error("the tests fail without any mutation");
    for (const { file, at, from, to } of chosen) {
      if (Date.now() > end) break;
      const source = readFileSync(join(root, file), "utf8");
      writeFileSync(join(copy, file), source.slice(0, at) + to + source.slice(at + from.length));
      let verdict = await judge(copy, nearestTests(file));
      if (verdict === "survived") verdict = await judge(copy, []);
      writeFileSync(join(copy, file), source);
      counts[verdict] += 1;
      const line = source.slice(0, at).split("\n").length;
      console.log(`${verdict.padEnd(10)}${file}:${line}  ${from.trim()}  ->  ${to.trim() || "(nothing)"}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  const judged = counts.killed + counts.survived;
  console.log(JSON.stringify({ mutants: all.length, ...counts, score: judged === 0 ? null : counts.killed / judged }));
}

await main(process.argv.slice(2));
