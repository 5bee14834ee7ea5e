import { readFileSync } from "node:fs";
import { type JsonRpcProvider, keccak256, toQuantity } from "ethers";
import { z } from "zod";
import { parseJson } from "../domain/json.ts";
import { type ContractName, contractNames, type Manifest } from "../domain/manifest.ts";
import type { SigningDomain } from "../domain/typedData.ts";
import { askHead, createHeadReader, parseHead, type ReadHead } from "./head.ts";
import { createProvider, type Send } from "./provider.ts";
import { type ChainReader, createChainReader } from "./reader.ts";
import { createAgreedHeadReader, createAgreedSend } from "./secondNode.ts";

/** A deployment on a chain that answers, and what it takes to read and write it. */
export type Space = {
  readonly provider: JsonRpcProvider;
  readonly send: Send;
  readonly manifest: Manifest;
  readonly reader: ChainReader;
  /** The newest head, asked anew each time. */
  readonly readHead: ReadHead;
  readonly domainOf: (name: ContractName) => SigningDomain;
  /** Lets go of the nodes. */
  readonly close: () => void;
};

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const contract = z.object({ address: z.string().regex(/^0x[0-9a-f]{40}$/), codeHash: hash });
const manifestSchema = z.object({
  chainId: z.int().positive(),
  block: z.int().min(0),
  blockHash: hash,
  contracts: z.object(Object.fromEntries(contractNames.map((name) => [name, contract]))),
});

/** Reads a manifest. Throws, saying what is wrong, if it is none. */
export function readManifest(file: string): Manifest {
  const parsed = manifestSchema.safeParse(parseJson(readFileSync(file, "utf8")));
  if (!parsed.success) throw new Error(`${file} is not a manifest of Datapact: ${z.prettifyError(parsed.error)}`);
  return parsed.data as unknown as Manifest;
}

/**
 * Opens a deployment without asking the chain anything.
 * @param secondUrl A second node. What is read of the chain counts only if both tell the same; transactions go to the first.
 */
export function openSpace(chainUrl: string, manifest: Manifest, secondUrl?: string): Space {
  const provider = createProvider(chainUrl, manifest.chainId);
  const second = secondUrl === undefined ? undefined : createProvider(secondUrl, manifest.chainId);
  const sendFirst = sendTo(provider);
  const send = second === undefined ? sendFirst : createAgreedSend(sendFirst, sendTo(second));
  const askNewest =
    second === undefined ? () => askHead(send, "latest") : createAgreedHeadReader(sendFirst, sendTo(second));
  return Object.freeze<Space>({
    provider,
    send,
    manifest,
    reader: createChainReader(send, manifest),
    readHead: createHeadReader(askNewest),
    domainOf: (name) => ({ chainId: manifest.chainId, verifyingContract: manifest.contracts[name].address }),
    close: () => {
      provider.destroy();
      second?.destroy();
    },
  });
}

const sendTo =
  (provider: JsonRpcProvider): Send =>
  (method, params) =>
    provider.send(method, [...params]);

/** Checks that the chain is the manifest's and that its contracts run the code that was deployed. Throws what differs. */
export async function checkSpace({ send, manifest }: Space): Promise<void> {
  const chainId = Number(await send("eth_chainId", []));
  if (chainId !== manifest.chainId) throw new Error(`the chain has id ${chainId}, the manifest ${manifest.chainId}`);
  const block = await send("eth_getBlockByNumber", [toQuantity(manifest.block), false]);
  if (block === null || parseHead(block).hash !== manifest.blockHash) {
    throw new Error(`the chain is another one with the same id: its block ${manifest.block} is not the manifest's`);
  }
  for (const name of contractNames) {
    const { address, codeHash } = manifest.contracts[name];
    const code = (await send("eth_getCode", [address, "latest"])) as string;
    if (keccak256(code) !== codeHash) throw new Error(`${name} at ${address} does not run the code that was deployed`);
  }
}
