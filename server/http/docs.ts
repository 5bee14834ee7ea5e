type Json = { readonly [name: string]: unknown };

/** The page that shows the API: plain HTML without scripts, made of the same description that `/openapi.json` gives. */
export function renderDocs(api: Json): string {
  const { title, version } = api.info as { title: string; version: string };
  const paths = Object.entries(api.paths as Record<string, Record<string, Operation>>);
  const operations = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => renderOperation(path, method, operation)),
  );
  const schemas = Object.entries((api.components as { schemas: Record<string, unknown> }).schemas).map(
    ([name, schema]) =>
      `<section id="${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3>${renderSchema(schema)}</section>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/docs/style.css"></head><body>
<h1>${escapeHtml(title)} <small>${escapeHtml(version)}</small></h1><p>Also as <a href="/openapi.json">OpenAPI</a>.</p>
<h2>Routes</h2>${operations.join("")}<h2>Shapes</h2>${schemas.join("")}</body></html>`;
}

type Parameter = { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: unknown };
type Body = { readonly description?: string; readonly content: Record<string, { readonly schema: unknown }> };
type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Body;
  readonly responses: Record<string, Body>;
};

function renderOperation(path: string, method: string, operation: Operation): string {
  const rows = operation.parameters.map(
    ({ name, in: place, required, schema }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${place}${required ? "" : ", optional"}</td><td>${renderSchema(schema)}</td></tr>`,
  );
  const answers = Object.entries(operation.responses).map(
    ([status, body]) =>
      `<tr><td>${escapeHtml(status)}</td><td>${escapeHtml(body.description ?? "")}</td><td>${renderBody(body)}</td></tr>`,
  );
  const asked = operation.requestBody === undefined ? "" : `<p>Body: ${renderBody(operation.requestBody)}</p>`;
  return `<section id="${escapeHtml(operation.operationId)}"><h3>${method.toUpperCase()} <code>${escapeHtml(path)}</code></h3>
<p>${escapeHtml(operation.summary)} <small>${escapeHtml(operation.description)}</small></p>${asked}<table>${rows.join("")}</table><details><summary>Answers</summary>
<table>${answers.join("")}</table></details></section>`;
}

function renderBody({ content }: Body): string {
  return Object.values(content)
    .map(({ schema }) => renderSchema(schema))
    .join("");
}

function renderSchema(schema: unknown): string {
  const { $ref } = schema as { $ref?: string };
  if ($ref !== undefined) {
    const name = $ref.replace("#/components/schemas/", "");
    return `<a href="#${escapeHtml(name)}">${escapeHtml(name)}</a>`;
  }
  const text = escapeHtml(JSON.stringify(schema, null, 1)).replace(
    /&quot;\$ref&quot;: &quot;#\/components\/schemas\/(\w+)&quot;/g,
    '<a href="#$1">$1</a>',
  );
  return `<pre>${text}</pre>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => entities[letter] ?? "");
}

export const docsStyle = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
section{border-top:1px solid #d8dde3;padding:.5rem 0}h3{margin:.5rem 0}table{border-collapse:collapse}
td{vertical-align:top;padding:.2rem 1rem .2rem 0}pre{background:#f5f7f9;padding:.5rem;margin:0;font-size:13px;overflow:auto}
small{color:#6a737d;font-weight:normal}a{color:#0b5cad}`;
