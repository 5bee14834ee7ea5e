import { problemSchema } from "./primitives.ts";
import { type Input, type Output, type Route, type RouteName, routes } from "./routes.ts";

/** A gateway's answer that is no answer to what was asked. `code` is the gateway's, or `NoGateway` if none spoke. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, sentence: string) {
    super(sentence);
    this.status = status;
    this.code = code;
  }
}

/** A gateway's routes as functions. Each rejects with `ApiProblem`, or with what `fetch` throws if nothing answers. */
export type Client = {
  readonly [Name in RouteName]: unknown extends Input<Name>
    ? () => Promise<Output<Name>>
    : Partial<Input<Name>> extends Input<Name>
      ? (input?: Input<Name>) => Promise<Output<Name>>
      : (input: Input<Name>) => Promise<Output<Name>>;
};

/**
 * Makes the client of a gateway. Runs in browsers and in Node.
 * @param timeoutMs How long an answer may take.
 * @param token Of a session. In a browser its cookie goes along by itself.
 */
export function createClient(
  gatewayUrl: string,
  fetchWith: typeof fetch = fetch,
  timeoutMs = 120_000,
  token?: string,
): Client {
  const call = async (route: Route, input: Readonly<Record<string, string>> = {}): Promise<unknown> => {
    const url = new URL(fillPath(route.path, input), gatewayUrl);
    for (const name of Object.keys(route.query?.shape ?? {})) {
      const value = input[name];
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const headers = {
      ...(route.body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const body = route.body === undefined ? {} : { body: JSON.stringify(input) };
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetchWith(url, { method: route.method, headers, ...body, signal });
    return readAnswer(route, response);
  };
  const functions = Object.entries(routes).map(([name, route]) => [
    name,
    (input?: Readonly<Record<string, string>>) => call(route, input),
  ]);
  return Object.freeze(Object.fromEntries(functions)) as Client;
}

function fillPath(path: string, input: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(input[name] ?? ""));
}

async function readAnswer(route: Route, response: Response): Promise<unknown> {
  if (route.media !== undefined && response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined);
  const answer = (response.ok ? route.answer : route.refusal)?.safeParse(body);
  if (answer?.success === true) return answer.data;
  const problem = problemSchema.safeParse(body);
  if (!problem.success)
    throw new ApiProblem(
      response.status,
      "NoGateway",
      `what answers there (${response.status}) is not a gateway of this release`,
    );
  const { status, code, title, detail } = problem.data;
  throw new ApiProblem(status, code, [title, detail].filter(Boolean).join(" "));
}
