import { recoverAddress, TypedDataEncoder } from "ethers";

export type Domain = { readonly chainId: number; readonly verifyingContract: string };

const named = (domain: Domain) => ({ name: "Datapact", version: "1", ...domain });

const members = (text: string) =>
  text.split(",").map((member) => {
    const [type = "", name = ""] = member.split(" ");
    return { type, name };
  });

const requestTypes = {
  UsageRequest: members(
    "bytes32 gateway,bytes32 agreement,string purpose,string statement,uint48 issuedAt,bytes32 nonce",
  ),
};
const batchTypes = {
  ReceiptBatch: members("bytes32 gateway,uint64 start,uint64 count,bytes32 root,uint48 issuedAt,uint48 deadline"),
};

const findingTypes = {
  Finding: members(
    "bytes32 gateway,bytes32 finding,bytes32 previous,uint64[] entries,string severity,string state,string text,uint48 at,bytes32 nonce",
  ),
};

/** One revision of a finding. */
export type Finding = {
  readonly gateway: string;
  readonly finding: string;
  readonly previous: string;
  readonly entries: readonly number[];
  readonly severity: string;
  readonly state: string;
  readonly text: string;
  readonly at: number;
  readonly nonce: string;
};
export type SignedFinding = { readonly finding: Finding; readonly signature: string };

export type Request = {
  readonly gateway: string;
  readonly agreement: string;
  readonly purpose: string;
  readonly statement: string;
  readonly issuedAt: number;
  readonly nonce: string;
};

export type Batch = {
  readonly gateway: string;
  readonly start: number;
  readonly count: number;
  readonly root: string;
  readonly issuedAt: number;
  readonly deadline: number;
};

/** Digest of a request; the domain's contract is `UsagePolicy`. */
export function requestDigest(request: Request, domain: Domain): string {
  return TypedDataEncoder.hash(named(domain), requestTypes, request);
}

/** A request as `eth_signTypedData_v4` takes it. */
export function requestTypedData(request: Request, domain: Domain): string {
  return JSON.stringify(TypedDataEncoder.getPayload(named(domain), requestTypes, request));
}

/** Digest of a finding; the domain's contract is `AccessLog`. */
export function findingDigest(finding: Finding, domain: Domain): string {
  return TypedDataEncoder.hash(named(domain), findingTypes, finding);
}

/** A finding as `eth_signTypedData_v4` takes it. */
export function findingTypedData(finding: Finding, domain: Domain): string {
  return JSON.stringify(TypedDataEncoder.getPayload(named(domain), findingTypes, finding));
}

/** Digest of what a receipt's signature covers; the domain's contract is `AccessLog`. */
export function batchDigest(batch: Batch, domain: Domain): string {
  return TypedDataEncoder.hash(named(domain), batchTypes, batch);
}

/** Half the order of the curve: signatures have their s there or below. */
const mostS = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** Who signed a digest; undefined unless the signature has the one accepted form. */
export function signerOf(digest: string, signature: string): string | undefined {
  if (!/^0x[0-9a-f]{128}1[bc]$/.test(signature) || BigInt(`0x${signature.slice(66, 130)}`) > mostS) return undefined;
  try {
    return recoverAddress(digest, signature).toLowerCase();
  } catch {
    return undefined;
  }
}
