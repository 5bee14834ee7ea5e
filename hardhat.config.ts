import { createRequire } from "node:module";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import { defineConfig } from "hardhat/config";

const require = createRequire(import.meta.url);

export default defineConfig({
  plugins: [hardhatEthers, hardhatTypechain],
  solidity: {
    version: "0.8.37",
    path: require.resolve("solc/soljson.js"),
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
    settings: { evmVersion: "osaka", viaIR: true, optimizer: { enabled: true, runs: 1_000_000 } },
  },
  paths: { sources: "./contracts", tests: { solidity: "./test/contracts" } },
  typechain: { outDir: "./typechain-types" },
  networks: { default: { type: "edr-simulated", chainType: "l1", hardfork: "osaka" } },
});
