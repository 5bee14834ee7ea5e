import { globSync } from "node:fs";
import { createRequire } from "node:module";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import { defineConfig } from "hardhat/config";

const require = createRequire(import.meta.url);

/** How often random tests are run, by DATAPACT_FUZZ: before a push, in CI, before a release. */
const efforts = {
  quick: { fuzz: { runs: 256 }, invariant: { runs: 16, depth: 64 } },
  full: { fuzz: { runs: 10_000 }, invariant: { runs: 1_000, depth: 64 } },
  release: { fuzz: { runs: 100_000 }, invariant: { runs: 10_000, depth: 64 } },
};
const effort = efforts[(process.env.DATAPACT_FUZZ ?? "quick") as keyof typeof efforts];
if (effort === undefined) throw new Error(`DATAPACT_FUZZ is one of ${Object.keys(efforts).join(", ")}`);

const compiler = { version: "0.8.37", path: require.resolve("solc/soljson.js") };
/** These carry code of the libraries, which they try as it is deployed. All others deploy contracts by name and compile in haste. */
const carriers = ["MerkleTree", "Signatures"].map((name) => `test/contracts/${name}.t.sol`);
const tests = globSync("test/contracts/**/*.t.sol", { cwd: import.meta.dirname }).filter(
  (file) => !carriers.includes(file),
);
const inHaste = { ...compiler, settings: { evmVersion: "osaka", optimizer: { enabled: true, runs: 200 } } };

export default defineConfig({
  plugins: [hardhatEthers, hardhatTypechain],
  solidity: {
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
    compilers: [
      { ...compiler, settings: { evmVersion: "osaka", viaIR: true, optimizer: { enabled: true, runs: 1_000_000 } } },
    ],
    overrides: Object.fromEntries(tests.map((file) => [file, inHaste])),
  },
  paths: { sources: "./contracts", tests: { solidity: "./test/contracts" } },
  test: {
    solidity: {
      fuzz: { ...effort.fuzz, seed: "0xda7a" },
      invariant: { ...effort.invariant, failOnRevert: true },
    },
  },
  typechain: { outDir: "./typechain-types" },
  networks: {
    default: { type: "edr-simulated", chainType: "l1", hardfork: "osaka" },
    // `hardhat node`: its clock must not run ahead of the world's, however fast it mines
    node: { type: "edr-simulated", chainType: "l1", hardfork: "osaka", allowBlocksWithSameTimestamp: true },
    anvil: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545", accounts: "remote" },
  },
});
