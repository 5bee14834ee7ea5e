import type { ParticipantId } from "./ids.ts";
import type { TreeHead } from "./merkle.ts";
import type { SigningDomain } from "./typedData.ts";

/** Names a gateway's log beyond doubt: by chain, contract and gateway. First line of its checkpoints, and the name of their key. */
export function originOf({ chainId, verifyingContract }: SigningDomain, gateway: ParticipantId): string {
  return `datapact/${chainId}/${verifyingContract}/${gateway}`;
}

/** A tree head as the text of a note (C2SP tlog-checkpoint). */
export function writeCheckpoint(origin: string, { size, root }: TreeHead): string {
  return `${origin}\n${size}\n${root.toString("base64")}\n`;
}

/** The head in a checkpoint's text; undefined if it is none, or another log's. Lines that follow are refused: nobody could check them. */
export function readCheckpoint(text: string, origin: string): TreeHead | undefined {
  const [name, size = "", base64 = "", end, ...more] = text.split("\n");
  const root = Buffer.from(base64, "base64");
  const isWritten = name === origin && end === "" && more.length === 0 && /^(0|[1-9][0-9]{0,14})$/.test(size);
  if (!isWritten || root.length !== 32 || root.toString("base64") !== base64) return undefined;
  return { size: Number(size), root };
}
