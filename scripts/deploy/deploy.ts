import { existsSync, renameSync, writeFileSync } from "node:fs";
import { type ContractFactory, getCreateAddress, type JsonRpcProvider, keccak256, type Wallet } from "ethers";
import { interfaces } from "../../server/chain/interfaces.ts";
import { checkSpace, openSpace, readManifest } from "../../server/chain/space.ts";
import { transact } from "../../server/chain/transact.ts";
import type { Address, Hash } from "../../server/domain/ids.ts";
import { type ContractName, contractNames, type Manifest } from "../../server/domain/manifest.ts";
import { AccessLog__factory } from "../../typechain-types/factories/contracts/AccessLog__factory.ts";
import { AgreementRegistry__factory } from "../../typechain-types/factories/contracts/AgreementRegistry__factory.ts";
import { Authority__factory } from "../../typechain-types/factories/contracts/Authority__factory.ts";
import { DatasetRegistry__factory } from "../../typechain-types/factories/contracts/DatasetRegistry__factory.ts";
import { ParticipantRegistry__factory } from "../../typechain-types/factories/contracts/ParticipantRegistry__factory.ts";
import { UsagePolicy__factory } from "../../typechain-types/factories/contracts/UsagePolicy__factory.ts";

/** As the contract `Authority` has them. */
const roles = { admin: 0n, regulator: 1n, recovery: 2n } as const;

export type Deployment = {
  readonly chainUrl: string;
  /** Pays for the deployment and keeps no power. */
  readonly deployer: Wallet;
  /** Accounts that get all roles of the authority, each in full. Two that are kept apart can replace each other. */
  readonly authorities: readonly Address[];
  /** Seconds between announcing and making a change of who may do what, who approves or whose key counts. */
  readonly delay: number;
  /** Regulators who must approve an agreement. */
  readonly approvals: number;
  readonly manifestFile: string;
  readonly say: (line: string) => void;
};

/**
 * Deploys the contracts in order, gives the authorities their roles, gives up the deployer's, reads all of it back and writes the
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
  const { deployer, delay, approvals, say } = deployment;
  const nonce = await deployer.getNonce("latest");
  const at = (offset: number): Address =>
    getCreateAddress({ from: deployer.address, nonce: nonce + offset }).toLowerCase() as Address;
  const addresses = Object.fromEntries(contractNames.map((name, offset) => [name, at(offset)])) as Addresses;
  const { Authority, ParticipantRegistry, DatasetRegistry, AgreementRegistry, AccessLog } = addresses;
  const plan: readonly (readonly [ContractName, ContractFactory, readonly unknown[]])[] = [
    ["Authority", new Authority__factory(), [deployer.address, delay]],
    ["ParticipantRegistry", new ParticipantRegistry__factory(), [Authority]],
    ["DatasetRegistry", new DatasetRegistry__factory(), [ParticipantRegistry]],
    [
      "AgreementRegistry",
      new AgreementRegistry__factory(),
      [Authority, ParticipantRegistry, DatasetRegistry, AccessLog, approvals],
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

/** Who may call what. Stopping is at once; what could bring about an approval or act in another's name waits. */
const guarded: readonly (readonly [bigint, "ParticipantRegistry" | "AgreementRegistry", readonly string[]])[] = [
  [roles.regulator, "ParticipantRegistry", ["admit", "suspend", "reinstate"]],
  [roles.recovery, "ParticipantRegistry", ["appoint", "recoverKey"]],
  [roles.recovery, "AgreementRegistry", ["setApprovals"]],
];

async function handOver({ deployer, authorities, delay, say }: Deployment, addresses: Addresses): Promise<void> {
  const manage = (method: string, args: readonly unknown[]) =>
    transact(deployer, addresses.Authority, interfaces.Authority.encodeFunctionData(method, args));
  for (const [role, name, methods] of guarded) {
    await manage("setTargetFunctionRole", [addresses[name], methods.map((method) => selectorOf(name, method)), role]);
  }
  await manage("labelRole", [roles.regulator, "REGULATOR"]);
  await manage("labelRole", [roles.recovery, "RECOVERY"]);
  await manage("setRoleGuardian", [roles.recovery, roles.regulator]);
  for (const account of authorities) {
    await manage("grantRole", [roles.regulator, account, 0]);
    await manage("grantRole", [roles.recovery, account, delay]);
  }
  for (const account of authorities) {
    if (account !== deployer.address.toLowerCase()) await manage("grantRole", [roles.admin, account, delay]);
  }
  // Its own role comes last: with a delay, or not at all, it does nothing more here.
  if (authorities.includes(deployer.address.toLowerCase() as Address)) {
    await manage("grantRole", [roles.admin, deployer.address, delay]);
  } else {
    await manage("renounceRole", [roles.admin, deployer.address]);
  }
  say(`${authorities.join(" and ")} govern, with a delay of ${delay} s.`);
}

function selectorOf(name: ContractName, method: string): string {
  const found = interfaces[name].getFunction(method);
  if (found === null) throw new Error(`${name} has no function ${method}`);
  return found.selector;
}

async function readBack({ deployer, authorities, delay }: Deployment, addresses: Addresses): Promise<void> {
  const read = async (method: string, args: readonly unknown[]) => {
    const data = interfaces.Authority.encodeFunctionData(method, args);
    const answer = await deployer.provider?.call({ to: addresses.Authority, data });
    return interfaces.Authority.decodeFunctionResult(method, answer ?? "0x");
  };
  const problems: string[] = [];
  for (const [role, name, methods] of guarded) {
    for (const method of methods) {
      const [found] = await read("getTargetFunctionRole", [addresses[name], selectorOf(name, method)]);
      if (found !== role) problems.push(`${name}.${method} is open to role ${found}`);
    }
  }
  for (const account of authorities) {
    for (const [name, role] of Object.entries(roles)) {
      const [isMember, waits] = await read("hasRole", [role, account]);
      const isRight = isMember && waits === (role === roles.regulator ? 0n : BigInt(delay));
      if (!isRight) problems.push(`${account} does not hold the role ${name} as it should`);
    }
  }
  const isOutside = !authorities.includes(deployer.address.toLowerCase() as Address);
  if (isOutside && (await read("hasRole", [roles.admin, deployer.address]))[0]) {
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
