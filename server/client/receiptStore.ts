import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { proofSchema } from "../api/gateway.ts";
import type { RequestDigest } from "../domain/ids.ts";
import { parseJson } from "../domain/json.ts";
import type { SignedRequest } from "../domain/usageRequest.ts";
import type { ChainFacts, Evidence } from "../proof/verifyReceipt.ts";
import { createDurably, writeDurably } from "./durableFile.ts";
import { parseEvidence, signedSchema } from "./evidence.ts";

/** A request that was sent and whose answer was not kept: the gateway may have recorded it all the same. */
export type AskedRequest = { readonly gatewayUrl: string; readonly signed: SignedRequest };

/** What stands in a file of the store. */
export type Kept = { readonly file: string; readonly evidence: Evidence };

/** A folder in which a consumer keeps what it may have to prove one day. Nothing in it is ever overwritten. */
export type ReceiptStore = {
  /** Keeps a request before it is sent. */
  readonly asked: (digest: RequestDigest, request: AskedRequest) => void;
  readonly openRequests: () => (AskedRequest & { readonly digest: RequestDigest })[];
  /** Keeps what was answered; when it returns, it is durable. Gives the file. */
  readonly keep: (evidence: Evidence) => string;
  /** Forgets a request that was answered, or that no gateway can record any more. */
  readonly settle: (digest: RequestDigest) => void;
  readonly kept: () => Kept[];
  /** Files that are no evidence. */
  readonly damaged: () => string[];
  readonly keepProof: (file: string, proof: Inclusion) => void;
  readonly proofOf: (file: string) => Inclusion | undefined;
};

export type Inclusion = NonNullable<ChainFacts["inclusion"]>;

const askedSchema = z.strictObject({ gatewayUrl: z.url(), signed: signedSchema });
const inclusionSchema = proofSchema.pick({ size: true, root: true, path: true });

export function openReceiptStore(folder: string): ReceiptStore {
  const requests = join(folder, "asked");
  const proofs = join(folder, "proofs");
  const namesIn = (place: string): string[] =>
    existsSync(place) ? readdirSync(place).filter((name) => name.endsWith(".json")) : [];
  const proofFile = (file: string): string => join(proofs, file.slice(folder.length + 1));

  const read = (): { readonly whole: Kept[]; readonly damaged: string[] } => {
    const [whole, damaged]: [Kept[], string[]] = [[], []];
    for (const name of namesIn(folder)) {
      const file = join(folder, name);
      try {
        whole.push({ file, evidence: parseEvidence(readFileSync(file, "utf8")) });
      } catch {
        damaged.push(file);
      }
    }
    whole.sort((a, b) => a.evidence.receipt.issuedAt - b.evidence.receipt.issuedAt);
    return { whole, damaged };
  };

  return Object.freeze<ReceiptStore>({
    asked: (digest, request) => writeDurably(join(requests, `${digest}.json`), JSON.stringify(request)),
    openRequests: () =>
      namesIn(requests).flatMap((name) => {
        const parsed = askedSchema.safeParse(parseJson(readFileSync(join(requests, name), "utf8")));
        if (!parsed.success) return [];
        return [{ ...(parsed.data as AskedRequest), digest: name.slice(0, -".json".length) as RequestDigest }];
      }),
    keep: (evidence) => {
      const text = `${JSON.stringify(evidence, null, 2)}\n`;
      const { index, entry } = evidence.receipt;
      for (let copy = 1; ; copy += 1) {
        const file = join(folder, `${index}-${entry.slice(2, 10)}${copy === 1 ? "" : `-${copy}`}.json`);
        if (createDurably(file, text) || readFileSync(file, "utf8") === text) return file;
      }
    },
    settle: (digest) => rmSync(join(requests, `${digest}.json`), { force: true }),
    kept: () => read().whole,
    damaged: () => read().damaged,
    keepProof: (file, { size, root, path }) => writeDurably(proofFile(file), JSON.stringify({ size, root, path })),
    proofOf: (file) => {
      const found = proofFile(file);
      return existsSync(found) ? inclusionSchema.safeParse(parseJson(readFileSync(found, "utf8"))).data : undefined;
    },
  });
}
