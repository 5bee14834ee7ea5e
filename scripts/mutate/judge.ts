import { createRequire } from "node:module";
import type { Artifact, EdrContext, SolidityTestRunnerConfigArgs, SuiteResult } from "@nomicfoundation/edr";
import type { Compiled, Program } from "./compile.ts";
import { root } from "./compile.ts";

type Edr = typeof import("@nomicfoundation/edr");
const require = createRequire(import.meta.url);
const edr = createRequire(require.resolve("hardhat"))("@nomicfoundation/edr") as Edr;

const solcVersion = "0.8.37";

/**
 * Runs the suites of these test files against a program; gives the tests that failed, as `suite.test`. A quick look takes the long tests out
 * and few random inputs: most mutants die of it.
 */
export type Judge = (program: Program, files: readonly string[], isQuick?: boolean) => Promise<string[]>;

export async function createJudge(): Promise<Judge> {
  const context: EdrContext = new edr.EdrContext();
  await context.registerSolidityTestRunnerFactory(edr.L1_CHAIN_TYPE, edr.l1SolidityTestRunnerFactory());
  const config: SolidityTestRunnerConfigArgs = {
    projectRoot: root,
    hardfork: "Osaka",
    localPredeploys: edr.l1GenesisState(edr.l1HardforkFromString("Osaka")),
    disableBlockGasLimit: true,
    disableTransactionGasCap: true,
    // A loop that lost its end stops here.
    gasLimit: 3_000_000_000n,
    fuzz: { runs: 64, seed: "0xda7a" },
    invariant: { runs: 8, depth: 32, failOnRevert: true, shrinkRunLimit: 0 },
  };
  const quick = {
    ...config,
    fuzz: { runs: 8, seed: "0xda7a" },
    excludeTestPattern: "rootOfEverySize|_every|invariant",
  };
  /** The promise of a run may be kept before the last result is reported. */
  const runSuites = (
    artifacts: Artifact[],
    suites: readonly Artifact[],
    isQuick: boolean,
  ): Promise<readonly SuiteResult[]> =>
    new Promise((resolve, reject) => {
      const results: SuiteResult[] = [];
      const take = (result: SuiteResult): void => {
        if (results.push(result) === suites.length) resolve(results);
      };
      if (suites.length === 0) resolve(results);
      const ids = suites.map(({ id }) => id);
      context.runSolidityTests(edr.L1_CHAIN_TYPE, artifacts, ids, isQuick ? quick : config, {}, take).catch(reject);
    });
  return async (program, files, isQuick = false) => {
    const artifacts = [...program].map(([key, compiled]) => artifactOf(key, compiled));
    const suites = artifacts.filter(({ id, contract }) => files.includes(id.source) && isSuite(contract.abi));
    const results = await runSuites(artifacts, suites, isQuick);
    return results.flatMap(({ id, testResults }) =>
      testResults.filter(({ status }) => status === "Failure").map(({ name }) => `${id.name}.${name}`),
    );
  };
}

function artifactOf(key: string, { abi, bytecode, deployedBytecode }: Compiled): Artifact {
  const [source = "", name = ""] = key.split(":");
  return {
    id: { name, source, solcVersion },
    contract: {
      abi: JSON.stringify(abi),
      bytecode: `0x${bytecode}`,
      linkReferences: {},
      deployedBytecode: `0x${deployedBytecode}`,
      deployedLinkReferences: {},
    },
  };
}

function isSuite(abi: string): boolean {
  return (JSON.parse(abi) as { type: string; name?: string }[]).some(({ type, name }) =>
    type === "function" ? /^(?:test|invariant)/.test(name ?? "") : false,
  );
}
