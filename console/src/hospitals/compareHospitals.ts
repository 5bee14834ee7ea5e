import type { Client } from "../../../server/api/client.ts";
import type { Named } from "../../../server/api/page.ts";
import type { Input, Output } from "../../../server/api/routes.ts";

export type Compared = {
  readonly hospital: Named;
  readonly datasets: number;
  readonly inForce: number;
  readonly suspended: number;
  readonly uses: bigint;
  readonly entries: number;
};

/** Puts all hospitals side by side, from what the chain tells of each. */
export async function compareHospitals(client: Client): Promise<readonly Compared[]> {
  const [hospitals, gateways] = await Promise.all([
    allOf((page) => client.participants({ role: "Hospital", ...page })),
    allOf((page) => client.participants({ role: "Gateway", ...page })),
  ]);
  return Promise.all(
    hospitals.map(async ({ id, name }) => {
      const [datasets, agreements] = await Promise.all([
        allOf((page) => client.datasets({ holder: id, ...page })),
        allOf((page) => client.agreements({ party: id, ...page })),
      ]);
      const granted = agreements.filter(({ assigner }) => String(assigner.id) === id);
      return {
        hospital: { id: id as unknown as Named["id"], name },
        datasets: datasets.length,
        inForce: granted.filter(({ status }) => status === "InForce").length,
        suspended: granted.filter(({ status }) => status === "Suspended").length,
        uses: usesOf(granted),
        entries: gateways
          .filter(({ hospital }) => String(hospital?.id) === id)
          .reduce((sum, { log }) => sum + (log?.size ?? 0), 0),
      };
    }),
  );
}

/** An agreement that replaced another bears its uses; those that were replaced are counted with it. */
function usesOf(agreements: Output<"agreements">["items"]): bigint {
  return agreements.reduce((sum, { uses, status }) => (status === "Terminated" ? sum : sum + BigInt(uses)), 0n);
}

type Page<T> = { readonly items: readonly T[]; readonly next: string | null };

/** Goes through all pages of a list. */
async function allOf<T>(ask: (page: Pick<Input<"agreements">, "cursor" | "limit">) => Promise<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { items, next }: Page<T> = await ask({ limit: "200", ...(cursor !== undefined && { cursor }) });
    found.push(...items);
    cursor = next;
  }
  return found;
}
