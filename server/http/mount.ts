import type { Express, Request, RequestHandler } from "express";
import type { Input, Output, Route, RouteName } from "../api/routes.ts";
import { routes } from "../api/routes.ts";
import { readJsonBody } from "./body.ts";
import { notFound, sendProblem } from "./problem.ts";
import { readQuery } from "./readQuery.ts";

/** What answers a route: gives its answer, or undefined where there is nothing. */
export type Handler<Name extends RouteName> = (
  input: Input<Name>,
) => Output<Name> | undefined | Promise<Output<Name> | undefined>;

const mostBodyBytes = 64 * 1_024;

/** Serves one route of the table: reads path, query and body with its schemas, so that the handler gets what they allow and no more. */
export function mount<Name extends RouteName>(app: Express, name: Name, handler: Handler<Name>): void {
  mountRaw(app, name, async (input, response) => {
    const answer = await handler(input);
    const { missing } = routes[name] as Route;
    if (answer === undefined)
      sendProblem(response, { ...notFound, ...(missing === undefined ? {} : { detail: missing }) });
    else response.json(answer);
  });
}

/** The same for a handler that writes the answer itself. */
export function mountRaw<Name extends RouteName>(
  app: Express,
  name: Name,
  answer: (input: Input<Name>, response: Parameters<RequestHandler>[1]) => void | Promise<void>,
): void {
  const route: Route = routes[name];
  const handle: RequestHandler = async (request, response) =>
    answer(readInput(route, request) as Input<Name>, response);
  const path = route.path.replace(/\{(\w+)\}/g, ":$1");
  if (route.method === "POST") app.post(path, readJsonBody(mostBodyBytes), handle);
  else app.get(path, handle);
}

function readInput(route: Route, request: Request): unknown {
  if (route.body !== undefined) return route.body.parse(request.body);
  const query = readQuery(request.originalUrl);
  return {
    ...route.params?.parse(request.params),
    ...(route.query === undefined ? {} : route.query.parse(query)),
  };
}
