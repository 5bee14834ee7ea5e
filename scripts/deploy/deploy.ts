import { existsSync, renameSync, writeFileSync } from "node:fs";
import {
  type ContractFactory,
  getCreateAddress,
  type Interface,
  type JsonRpcProvider,
  keccak256,
  type Wallet,
} from "ethers";
import { interfaces } from "../../server/chain/interfaces.ts";
import { checkSpace, openSpace, readManifest } from "../../server/chain/space.ts";
import { transact } from "../../server/chain/transact.ts";
import type { Address, Hash } from "../../server/domain/ids.ts";
import { type ContractName, contractNames, type Manifest } from "../../server/domain/manifest.ts";
import { AccessManager__factory } from "../../typechain-types/factories/@openzeppelin/contracts/access/manager/AccessManager__factory.ts";
import { AccessLog__factory } from "../../typechain-types/factories/contracts/AccessLog__factory.ts";
import { AgreementRegistry__factory } from "../../typechain-types/factories/contracts/AgreementRegistry__factory.ts";
import { DatasetRegistry__factory } from "../../typechain-types/factories/contracts/DatasetRegistry__factory.ts";
import { ParticipantRegistry__factory } from "../../typechain-types/factories/contracts/ParticipantRegistry__factory.ts";
import { UsagePolicy__factory } from "../../typechain-types/factories/contracts/UsagePolicy__factory.ts";

/** Role of the access manager that the regulator's account holds beside the admin role. */
export const regulatorRole = 1n;

const adminRole = 0n;
const managerInterface = AccessManager__factory.createInterface() as Interface;

export type Deployment = {
  readonly chainUrl: string;
  /** Pays for the deployment and keeps no power. */
  readonly deployer: Wallet;
  /** Account that gets the admin role and the regulator's. */
  readonly regulator: Address;
  /** Regulators who must approve an agreement. */
  readonly approvals: number;
  readonly manifestFile: string;
  readonly say: (line: string) => void;
};

/**
 * Deploys the contracts in order, gives the regulator its roles, gives up the deployer's, reads all of it back and writes the
 * manifest. If the manifest's contracts already stand on this chain it changes nothing.
 */
export async function deploy(deployment: Deployment): Promise<Manifest> {
  const standing = await standingManifest(deployment);
  if (standing !== undefined) {
    deployment.say("The contracts stand already; nothing to do.");
    return standing;
  }
  const { addresses, block } = await deployContracts(deployment);
  await handOver(deployment, addresses);
  await readBack(deployment, addresses);
  const manifest = await describe(deployment, addresses, block);
  const draft = `${deployment.manifestFile}.draft`;
  writeFileSync(draft, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(draft, deployment.manifestFile);
  return manifest;
}

/** A manifest that does not fit the chain is never overwritten: it may be the only trace of contracts that hold agreements. */
async function standingManifest({ manifestFile, chainUrl }: Deployment): Promise<Manifest | undefined> {
  if (!existsSync(manifestFile)) return undefined;
  const manifest = readManifest(manifestFile);
  try {
    await checkSpace(openSpace(chainUrl, manifest));
    return manifest;
  } catch (cause) {
    const problem = (cause as Error).message;
    throw new Error(
      `${manifestFile} does not fit the chain: ${problem}. Name the right chain with DATAPACT_CHAIN_URL, restore the embedded chain ` +
        "from your backup, or begin a new space with another DATAPACT_HOME.",
      { cause },
    );
  }
}

type Block = Pick<Manifest, "block" | "blockHash">;
type Addresses = { readonly [Name in ContractName]: Address };

/** The agreement registry must know the access log and the other way round: the log's address follows from the deployer's nonce. */
async function deployContracts(deployment: Deployment): Promise<{ addresses: Addresses; block: Block }> {
  const { deployer, approvals, say } = deployment;
  const nonce = await deployer.getNonce("latest");
  const at = (offset: number): Address =>
    getCreateAddress({ from: deployer.address, nonce: nonce + offset }).toLowerCase() as Address;
  const addresses = Object.fromEntries(contractNames.map((name, offset) => [name, at(offset)])) as Addresses;
  const { AccessManager, ParticipantRegistry, DatasetRegistry, AgreementRegistry, AccessLog } = addresses;
  const plan: readonly (readonly [ContractName, ContractFactory, readonly unknown[]])[] = [
    ["AccessManager", new AccessManager__factory(), [deployer.address]],
    ["ParticipantRegistry", new ParticipantRegistry__factory(), [AccessManager]],
    ["DatasetRegistry", new DatasetRegistry__factory(), [ParticipantRegistry]],
    [
      "AgreementRegistry",
      new AgreementRegistry__factory(),
      [AccessManager, ParticipantRegistry, DatasetRegistry, AccessLog, approvals],
    ],
    ["AccessLog", new AccessLog__factory(), [ParticipantRegistry, AgreementRegistry]],
    ["UsagePolicy", new UsagePolicy__factory(), [ParticipantRegistry, DatasetRegistry, AgreementRegistry, AccessLog]],
  ];
  let block: Block | undefined;
  for (const [name, factory, args] of plan) {
    const { data } = await factory.getDeployTransaction(...args);
    const { contractAddress, blockNumber, blockHash } = await transact(deployer, null, data);
    block ??= { block: blockNumber, blockHash: blockHash as Hash };
    if (contractAddress?.toLowerCase() !== addresses[name]) {
      throw new Error(
        `${name} came to stand at ${contractAddress}: the deployer's key sends other transactions. Deploy again.`,
      );
    }
    say(`${name} ${addresses[name]}`);
  }
  if (block === undefined) throw new Error("nothing was deployed");
  return { addresses, block };
}

const regulatorFunctions = {
  ParticipantRegistry: ["admit", "recoverKey", "suspend", "reinstate"],
  AgreementRegistry: ["setApprovals"],
} as const;

async function handOver({ deployer, regulator, say }: Deployment, addresses: Addresses): Promise<void> {
  const manage = (method: string, args: readonly unknown[]) =>
    transact(deployer, addresses.AccessManager, managerInterface.encodeFunctionData(method, args));
  for (const [name, selectors] of functionRoles()) {
    await manage("setTargetFunctionRole", [addresses[name], selectors, regulatorRole]);
  }
  await manage("labelRole", [regulatorRole, "REGULATOR"]);
  await manage("grantRole", [regulatorRole, regulator, 0]);
  await manage("grantRole", [adminRole, regulator, 0]);
  await manage("renounceRole", [adminRole, deployer.address]);
  say(`The regulator's account ${regulator} holds the admin role; the deployer holds none.`);
}

function functionRoles(): (readonly [keyof typeof regulatorFunctions, string[]])[] {
  const names = Object.keys(regulatorFunctions) as (keyof typeof regulatorFunctions)[];
  return names.map((name) => [
    name,
    regulatorFunctions[name].map((method) => {
      const found = interfaces[name].getFunction(method);
      if (found === null) throw new Error(`${name} has no function ${method}`);
      return found.selector;
    }),
  ]);
}

async function readBack({ deployer, regulator }: Deployment, addresses: Addresses): Promise<void> {
  const read = async (method: string, args: readonly unknown[]) => {
    const data = managerInterface.encodeFunctionData(method, args);
    const answer = await deployer.provider?.call({ to: addresses.AccessManager, data });
    return managerInterface.decodeFunctionResult(method, answer ?? "0x");
  };
  const holds = async (role: bigint, account: string): Promise<boolean> => (await read("hasRole", [role, account]))[0];
  const problems: string[] = [];
  for (const [name, selectors] of functionRoles()) {
    for (const selector of selectors) {
      const [role] = await read("getTargetFunctionRole", [addresses[name], selector]);
      if (role !== regulatorRole) problems.push(`${name} ${selector} is open to role ${role}`);
    }
  }
  if (!(await holds(adminRole, regulator))) problems.push("the regulator does not hold the admin role");
  if (!(await holds(regulatorRole, regulator))) problems.push("the regulator does not hold its own role");
  if (deployer.address.toLowerCase() !== regulator && (await holds(adminRole, deployer.address))) {
    problems.push("the deployer still holds the admin role");
  }
  if (problems.length > 0) throw new Error(`the deployment is not as it should be: ${problems.join("; ")}`);
}

async function describe({ deployer }: Deployment, addresses: Addresses, block: Block): Promise<Manifest> {
  const provider = deployer.provider as JsonRpcProvider;
  const contracts = await Promise.all(
    contractNames.map(async (name) => {
      const address = addresses[name];
      return [name, { address, codeHash: keccak256(await provider.getCode(address)) as Hash }] as const;
    }),
  );
  const { chainId } = await provider.getNetwork();
  return {
    chainId: Number(chainId),
    ...block,
    contracts: Object.fromEntries(contracts) as Manifest["contracts"],
  };
}
