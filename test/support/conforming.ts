import { z } from "zod";
import { problemSchema } from "../../server/api/primitives.ts";
import { type Route, routes } from "../../server/api/routes.ts";

/** How many answers were looked at. */
let looked = 0;
export const answersLookedAt = (): number => looked;

const patterns = Object.values<Route>(routes).map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace(/\{\w+\}/g, "[^/]+")}$`),
}));

/** What is wrong with an answer of a gateway; undefined if it is as `/openapi.json` says. */
export function misfit(method: string, path: string, status: number, body: unknown): string | undefined {
  const found = patterns.find(({ route, pattern }) => route.method === method && pattern.test(path));
  const allowed = [
    ...(status === 200 && found !== undefined ? [found.route.answer] : []),
    ...(status !== 200 && found?.route.refusal !== undefined ? [found.route.refusal] : []),
    ...(status !== 200 ? [problemSchema] : []),
  ];
  const parsed = allowed.map((schema) => schema.safeParse(body));
  if (parsed.some(({ success }) => success)) return undefined;
  const why = parsed.map(({ error }) => (error === undefined ? "" : z.prettifyError(error))).join("; ");
  return `${method} ${path} answers ${status} in a shape that it does not declare: ${why}`;
}

const isGateways = (path: string): boolean => /^\/(v1\/|healthz$|readyz$)/.test(path);

/** Looks at every answer of a gateway that a test gets through `fetch`; one that does not conform is an error. */
export function watchAnswers(): void {
  const plain = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await plain(input, init);
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    if (!isGateways(pathname) || !/json(;|$)/.test(response.headers.get("content-type")?.replace("ndjson", "") ?? ""))
      return response;
    const text = await response.clone().text();
    looked += 1;
    const problem = misfit(init?.method ?? "GET", pathname, response.status, JSON.parse(text));
    if (problem !== undefined) throw new Error(problem);
    return response;
  };
}
