import { Agent, request } from "node:http";
import { type Load, loadOf } from "./measure.ts";

/** Posts bodies over kept connections, `clients` at a time, and checks each answer by its first bytes. */
export async function postAll(
  url: string,
  bodies: readonly string[],
  clients: number,
  expected: string,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const target = new URL(url);
  const latencies: number[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    for (;;) {
      const body = bodies[next];
      next += 1;
      if (body === undefined) return;
      const startedAt = performance.now();
      const answer = await post(agent, target, body);
      latencies.push(performance.now() - startedAt);
      if (!answer.startsWith(expected)) throw new Error(`unexpected answer: ${answer.slice(0, 300)}`);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  const load = loadOf(latencies, performance.now() - startedAt);
  agent.destroy();
  return load;
}

function post(agent: Agent, { hostname, port, pathname }: URL, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request({ agent, hostname, port, path: pathname, method: "POST", headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("end", () => resolve(Buffer.concat(chunks).toString()));
      response.once("error", reject);
    });
    sent.once("error", reject);
    sent.end(body);
  });
}
