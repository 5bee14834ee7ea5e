import { randomBytes, randomInt } from "node:crypto";
import express from "express";
import { isConsistent } from "../../../server/domain/consistency.ts";
import { createMerkleTree, type MerkleTree, rootFromPath } from "../../../server/domain/merkle.ts";
import { closeServer, listen, urlOf } from "../../../server/http/listen.ts";
import { createMount } from "../../../server/http/mount.ts";
import { createProofHandlers } from "../../../server/http/proofHandlers.ts";
import { figure, quantile } from "./measure.ts";

const sizes = [1_000, 10_000, 100_000, 1_000_000] as const;
const rounds = 20_000;
const asked = 2_000;

/** What a tree of a size costs: microseconds for an entry to be appended, a proof of each kind to be built and an inclusion to be verified. */
export type ProofFigures = {
  readonly size: number;
  readonly append: number;
  readonly inclusion: number;
  readonly consistency: number;
  readonly verify: number;
  /** Milliseconds until a proof is there over HTTP, of most and of nearly all. */
  readonly httpP50: number;
  readonly httpP99: number;
};

export async function measureProofs(): Promise<ProofFigures[]> {
  const tree = createMerkleTree();
  const first = randomBytes(32);
  const found: ProofFigures[] = [];
  for (const size of sizes) {
    // the last tenth before the size is timed: what an entry costs in a log that large
    const timed = Math.min(size / 10, 50_000);
    grow(tree, size - timed, first);
    const rest = Array.from({ length: timed }, () => randomBytes(32));
    const append = each(timed, (i) => tree.append(rest.slice(i, i + 1)));
    const inclusion = each(rounds, () => tree.path(randomInt(size), size));
    const consistency = each(rounds, () => tree.consistency(1 + randomInt(size), size));
    const path = tree.path(0, size);
    const verify = each(2_000, () => rootFromPath(first, 0, size, path));
    check(tree, size, first);
    found.push({ size, append, inclusion, consistency, verify, ...(await overHttp(tree, size)) });
  }
  return found;
}

/** Grows a tree to a size; `first` is its first digest. */
function grow(tree: MerkleTree, size: number, first: Buffer): void {
  if (tree.size() === 0) tree.append([first]);
  tree.append(Array.from({ length: size - tree.size() }, () => randomBytes(32)));
}

function check(tree: MerkleTree, size: number, first: Buffer): void {
  const head = (at: number) => ({ size: at, root: tree.root(at) });
  const holds =
    rootFromPath(first, 0, size, tree.path(0, size))?.equals(tree.root(size)) === true &&
    isConsistent(head(777), head(size), tree.consistency(777, size));
  if (!holds) throw new Error("a proof does not hold");
}

/** Microseconds a call, after some to warm up. */
function each(count: number, act: (i: number) => unknown): number {
  const startedAt = performance.now();
  for (let i = 0; i < count; i += 1) act(i);
  return figure(((performance.now() - startedAt) / count) * 1_000);
}

/** The gateway's own route, in this process. */
async function overHttp(tree: MerkleTree, size: number) {
  const app = express();
  createMount(app, async () => undefined).mount("proof", createProofHandlers(tree, () => size).proof);
  const server = await listen(app, { host: "127.0.0.1", port: 0, setting: "none" });
  const url = urlOf(server, "127.0.0.1");
  const latencies: number[] = [];
  for (let i = 0; i < asked; i += 1) {
    const startedAt = performance.now();
    await (await fetch(`${url}/v1/log/entries/${randomInt(size)}/proof`)).arrayBuffer();
    latencies.push(performance.now() - startedAt);
  }
  await closeServer(server);
  const late = latencies.slice(asked / 10);
  return { httpP50: figure(quantile(late, 0.5)), httpP99: figure(quantile(late, 0.99)) };
}
