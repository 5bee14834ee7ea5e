import { z } from "zod";
import { problemSchema } from "./primitives.ts";
import { type Access, commonProblems, needsSession, type Route, routes } from "./routes.ts";

type Json = { readonly [name: string]: unknown };

/** Describes all routes after OpenAPI 3.1. Its schemas are those that requests are read with and answers are tested against. */
export function describeApi(version: string): Json {
  const schemas: Record<string, unknown> = {};
  const schemaOf = (schema: z.ZodType, io: "input" | "output"): unknown => {
    const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Json;
    for (const [name, definition] of Object.entries($defs as Json)) schemas[name] = relocate(definition);
    const id = schema.meta()?.id;
    if (typeof id !== "string") return relocate(own);
    if (!("$ref" in own)) schemas[id] = relocate(own);
    return { $ref: `#/components/schemas/${id}` };
  };
  const content = (schema: z.ZodType, type: string): Json => ({
    content: { [type]: { schema: schemaOf(schema, "output") } },
  });
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries<Route>(routes)) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: {
        operationId: name,
        summary: route.summary,
        description: accessText(route.access),
        "x-access": route.access,
        ...(needsSession(route) && { security: [{ cookie: [] }, { bearer: [] }] }),
        parameters: [...parametersOf("path", route.params, schemaOf), ...parametersOf("query", route.query, schemaOf)],
        ...(route.body && {
          requestBody: { required: true, content: { "application/json": { schema: schemaOf(route.body, "input") } } },
        }),
        responses: {
          200: {
            description: "Answered",
            ...(route.media === undefined ? content(route.answer, "application/json") : streams(route.media)),
          },
          ...(route.refusal && {
            default: {
              description: "Refused or failed, and recorded",
              ...content(route.refusal, "application/problem+json"),
            },
          }),
          ...Object.fromEntries(
            [...route.problems, ...commonProblems].map((status) => [
              status,
              { description: problemTexts[status] ?? "Refused", ...content(problemSchema, "application/problem+json") },
            ]),
          ),
        },
      },
    };
  }
  const info = { title: "Datapact gateway", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } };
  return { openapi: "3.1.0", info, paths, components: { schemas: sorted(schemas), securitySchemes } };
}

const streams = (media: readonly string[]): Json => ({
  content: Object.fromEntries(media.map((type) => [type, { schema: { type: "string" } }])),
});

const securitySchemes: Json = {
  cookie: { type: "apiKey", in: "cookie", name: "__Host-datapact" },
  bearer: { type: "http", scheme: "bearer" },
};

function accessText(access: Access): string {
  if (access === "Anyone") return "For anyone.";
  if (access === "Signer") return "For whoever signed the body.";
  if (access === "Session") return "For participants who are signed in.";
  return `For participants who are signed in: ${access.join(", ")}. Each sees only what concerns it.`;
}

const problemTexts: Readonly<Record<number, string>> = {
  400: "The request is malformed",
  401: "Nobody is signed in",
  403: "Whoever asks may not do this",
  404: "There is nothing here",
  409: "It contradicts what is recorded",
  413: "The body is too large",
  415: "The body is not plain JSON",
  429: "Too many requests; see Retry-After",
  431: "The header is too large",
  500: "The gateway failed",
  503: "This cannot be answered now",
};

type SchemaOf = (schema: z.ZodType, io: "input" | "output") => unknown;

function parametersOf(place: "path" | "query", members: z.ZodObject | undefined, schemaOf: SchemaOf): Json[] {
  return Object.entries(members?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === "path",
    schema: schemaOf(schema as z.ZodType, "input"),
  }));
}

/** References of JSON Schema point into `$defs`; in OpenAPI they point into the components. */
function relocate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocate);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) =>
      name === "$ref" ? [name, String(member).replace("#/$defs/", "#/components/schemas/")] : [name, relocate(member)],
    ),
  );
}

function sorted(schemas: Readonly<Record<string, unknown>>): Json {
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}
