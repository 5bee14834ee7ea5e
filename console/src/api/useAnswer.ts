import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { ApiProblem } from "../../../server/api/client.ts";
import type { Input, Output, RouteName } from "../../../server/api/routes.ts";
import { client } from "./client.ts";

type Options = { readonly enabled?: boolean; readonly refreshMs?: number };

const recorded: ReadonlySet<RouteName> = new Set([
  "entries",
  "entry",
  "entryCounts",
  "findings",
  "finding",
  "timeline",
]);

/** Asks a route of the gateway and keeps its answer fresh. */
export function useAnswer<Name extends RouteName>(
  name: Name,
  input: Input<Name>,
  { enabled = true, refreshMs = 0 }: Options = {},
): UseQueryResult<Output<Name>> {
  return useQuery<Output<Name>>({
    queryKey: [name, input],
    queryFn: () => (client[name] as (input: Input<Name>) => Promise<Output<Name>>)(input),
    enabled,
    placeholderData: keepPreviousData as never,
    refetchInterval: (query) => (isBehind(query.state.error) ? 1_500 : refreshMs || false),
    retry: false,
    // each reading of the trail is an entry of it: none happens by itself
    ...(recorded.has(name) && {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      refetchInterval: false,
    }),
  });
}

/** Whether the gateway has not read the chain to its end yet. */
export function isBehind(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === "ReadModelBehind";
}
