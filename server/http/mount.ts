import type { Express, Request, RequestHandler, Response } from "express";
import type { Input, Output, Route, RouteName, Routes } from "../api/routes.ts";
import { routes } from "../api/routes.ts";
import type { Session } from "../session/sessions.ts";
import { readJsonBody } from "./body.ts";
import type { Guard } from "./guard.ts";
import { notFound, sendProblem } from "./problem.ts";
import { readQuery } from "./readQuery.ts";

/** The session that a route needs; undefined for one that needs none. */
export type SessionOf<Name extends RouteName> = Routes[Name]["access"] extends "Anyone" | "Signer"
  ? undefined
  : Session;

/** What answers a route: gives its answer, or undefined where there is nothing. */
export type Handler<Name extends RouteName> = (
  input: Input<Name>,
  session: SessionOf<Name>,
) => Output<Name> | undefined | Promise<Output<Name> | undefined>;

/** The request and its response, for a handler that writes the answer itself. */
export type Exchange<Name extends RouteName> = {
  readonly request: Request;
  readonly response: Response;
  readonly session: SessionOf<Name>;
};

/** Serves routes of the table: reads path, query and body with their schemas, so that a handler gets what they allow and no more. */
export type Mount = {
  readonly mount: <Name extends RouteName>(name: Name, handler: Handler<Name>) => void;
  /** The same for a handler that writes the answer itself. */
  readonly mountRaw: <Name extends RouteName>(
    name: Name,
    answer: (input: Input<Name>, exchange: Exchange<Name>) => void | Promise<void>,
  ) => void;
};

const mostBodyBytes = 64 * 1_024;

/** Makes what serves routes behind a guard: nothing is read of a request that it does not let through. */
export function createMount(app: Express, guard: Guard): Mount {
  const mountRaw: Mount["mountRaw"] = (name, answer) => {
    const route: Route = routes[name];
    const admit: RequestHandler = async (request, response, next) => {
      response.locals.session = await guard(route, request);
      next();
    };
    const handle: RequestHandler = async (request, response) => {
      const session = response.locals.session as SessionOf<typeof name>;
      return answer(readInput(route, request) as Input<typeof name>, { request, response, session });
    };
    const path = route.path.replace(/\{(\w+)\}/g, ":$1");
    if (route.method === "POST") app.post(path, admit, readJsonBody(mostBodyBytes), handle);
    else if (route.method === "DELETE") app.delete(path, admit, handle);
    else app.get(path, admit, handle);
  };
  return Object.freeze<Mount>({
    mountRaw,
    mount: (name, handler) =>
      mountRaw(name, async (input, { response, session }) => {
        const answer = await handler(input, session);
        const { missing } = routes[name] as Route;
        if (answer === undefined)
          sendProblem(response, { ...notFound, ...(missing === undefined ? {} : { detail: missing }) });
        else response.json(answer);
      }),
  });
}

function readInput(route: Route, request: Request): unknown {
  const query = readQuery(request.originalUrl);
  return {
    ...route.params?.parse(request.params),
    ...(route.query === undefined ? {} : route.query.parse(query)),
    ...(route.body === undefined ? {} : (route.body.parse(request.body) as object)),
  };
}
