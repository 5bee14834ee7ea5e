import { AbiCoder, concat, hexlify, id, keccak256, TypedDataEncoder, type TypedDataField } from "ethers";
import { describe, expect, it } from "vitest";
import { createLedger, encodedTerms, type Ledger, makeTerms } from "../../scripts/bench/ledger.ts";
import type { Address, Hash } from "../../server/domain/ids.ts";
import { createMerkleTree } from "../../server/domain/merkle.ts";
import type { ReceiptBatch } from "../../server/domain/receipt.ts";
import { assurances, disclosures, type Terms } from "../../server/domain/terms.ts";
import {
  agreementId,
  createReceiptHasher,
  eip712Domain,
  receiptBatchTypes,
  type SigningDomain,
  termsTypes,
} from "../../server/domain/typedData.ts";

/** DATAPACT_FUZZ asks for more of them. */
const count = { quick: 300, full: 10_000, release: 100_000 }[process.env.DATAPACT_FUZZ ?? "quick"] ?? 300;

/** The same for the same seed, below `bound`. */
function createRandom(seed: string) {
  let draws = 0;
  return (bound: bigint): bigint => {
    draws += 1;
    return BigInt(id(`${seed} ${draws}`)) % bound;
  };
}

const alphabet = [
  "a",
  "Z",
  "0",
  " ",
  '"',
  "\\",
  "\u0000",
  "\n",
  "é",
  "号",
  "\u202e",
  "\u{1f600}",
  "\u{10ffff}",
] as const;

function randomText(random: (bound: bigint) => bigint, most: number): string {
  const length = Number(random(BigInt(most + 1)));
  const picked = Array.from({ length }, () => alphabet[Number(random(BigInt(alphabet.length)))] ?? "");
  return picked.join("");
}

/** An unsigned number of so many bits; every third is the largest, every seventh zero. */
function randomUint(random: (bound: bigint) => bigint, bits: number): bigint {
  const kind = random(21n);
  if (kind % 3n === 0n) return 2n ** BigInt(bits) - 1n;
  return kind % 7n === 1n ? 0n : random(2n ** BigInt(bits));
}

const word = (random: (bound: bigint) => bigint): Hash =>
  `0x${randomUint(random, 256).toString(16).padStart(64, "0")}` as Hash;

/** EIP-712 by hand, after its text: the third opinion beside the contract's and ethers'. */
function digestByHand(domain: SigningDomain, name: string, members: TypedDataField[], message: object): string {
  const hashStruct = (struct: string, fields: readonly TypedDataField[], values: object): string => {
    const type = `${struct}(${fields.map((field) => `${field.type} ${field.name}`).join(",")})`;
    const words = fields.map((field) => {
      const value = (values as Record<string, unknown>)[field.name];
      return field.type === "string" ? ["bytes32", id(value as string)] : [field.type, value];
    });
    const types = ["bytes32", ...words.map(([wordType]) => wordType as string)];
    return keccak256(AbiCoder.defaultAbiCoder().encode(types, [id(type), ...words.map(([, value]) => value)]));
  };
  const domainMembers = [
    { type: "string", name: "name" },
    { type: "string", name: "version" },
    { type: "uint256", name: "chainId" },
    { type: "address", name: "verifyingContract" },
  ];
  const separator = hashStruct("EIP712Domain", domainMembers, eip712Domain(domain));
  return keccak256(concat(["0x1901", separator, hashStruct(name, members, message)]));
}

async function domainOf({ ethers }: Ledger, contract: { getAddress: () => Promise<string> }): Promise<SigningDomain> {
  const { chainId } = await ethers.provider.getNetwork();
  return { chainId: Number(chainId), verifyingContract: (await contract.getAddress()) as Address };
}

describe(`${count} random structs, CHECKS 15`, () => {
  it("of terms have one digest: the contract's, ours, ethers' and that by hand", { timeout: 1_800_000 }, async () => {
    const ledger = await createLedger();
    const domain = await domainOf(ledger, ledger.contracts.agreements);
    const random = createRandom("terms");
    const pick = <T>(list: readonly T[]): T => list[Number(random(BigInt(list.length)))] as T;
    for (let i = 0; i < count / 2; i += 1) {
      const terms: Terms = {
        ...makeTerms(ledger, `${i}`, 0),
        assigner: word(random) as string as Terms["assigner"],
        assignee: word(random) as string as Terms["assignee"],
        dataset: word(random) as string as Terms["dataset"],
        description: word(random),
        purpose: randomText(random, 70),
        fields: randomUint(random, 256),
        rows: randomText(random, 100),
        disclosure: pick(disclosures),
        minCohort: Number(randomUint(random, 32)),
        maxUses: randomUint(random, 64),
        maxRows: randomUint(random, 64),
        validFrom: Number(randomUint(random, 48)),
        validUntil: Number(randomUint(random, 48)),
        assurance: pick(assurances),
        policy: word(random),
        replaces: word(random) as string as Terms["replaces"],
        salt: word(random) as Terms["salt"],
      };
      const onChain = await ledger.contracts.agreements.idOf(encodedTerms(terms));
      expect(agreementId(terms, domain)).toBe(onChain);
      expect(TypedDataEncoder.hash(eip712Domain(domain), termsTypes, terms)).toBe(onChain);
      expect(digestByHand(domain, "Terms", termsTypes.Terms ?? [], terms)).toBe(onChain);
    }
  });

  it("of receipts have one digest: the contract's, ours, ethers' and that by hand", {
    timeout: 1_800_000,
  }, async () => {
    const ledger = await createLedger();
    const domain = await domainOf(ledger, ledger.contracts.log);
    const ours = createReceiptHasher(domain);
    const random = createRandom("receipts");
    for (let i = 0; i < count / 2; i += 1) {
      const size = 1 + Number(random(9n));
      const entries = Array.from({ length: size }, () => Buffer.from(word(random).slice(2), "hex"));
      const tree = createMerkleTree();
      tree.append(entries);
      const place = Number(random(BigInt(size)));
      const start = Number(randomUint(random, 52));
      const batch: ReceiptBatch = {
        gateway: word(random) as string as ReceiptBatch["gateway"],
        start,
        count: size,
        root: hexlify(tree.root(size)) as Hash,
        issuedAt: Number(randomUint(random, 48)),
        deadline: Number(randomUint(random, 48)),
      };
      const receipt = { ...batch, index: start + place, entry: entries[place] ?? "0x", path: tree.path(place, size) };
      const onChain = await ledger.contracts.log.receiptDigest({ ...receipt, signature: "0x" });
      expect(hexlify(ours(batch))).toBe(onChain);
      expect(TypedDataEncoder.hash(eip712Domain(domain), receiptBatchTypes, batch)).toBe(onChain);
      expect(digestByHand(domain, "ReceiptBatch", receiptBatchTypes.ReceiptBatch ?? [], batch)).toBe(onChain);
    }
  });
});
