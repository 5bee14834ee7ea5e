import type { Address, Hash } from "./ids.ts";

export const contractNames = [
  "Authority",
  "ParticipantRegistry",
  "DatasetRegistry",
  "AgreementRegistry",
  "AccessLog",
  "UsagePolicy",
] as const;
export type ContractName = (typeof contractNames)[number];

/**
 * A deployment: where the contracts are, in which block the first of them came to stand (its hash tells this chain from any other of the
 * same id), and what their code hashes to (keccak256 of the runtime bytecode).
 */
export type Manifest = {
  readonly chainId: number;
  readonly block: number;
  readonly blockHash: Hash;
  readonly contracts: { readonly [Name in ContractName]: { readonly address: Address; readonly codeHash: Hash } };
};
