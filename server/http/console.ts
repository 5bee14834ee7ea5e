import { randomBytes } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { Express, Request, Response } from "express";

/** The built console, as it is served from memory. */
export type Console = {
  /** The page, with `__NONCE__` and `__DEMO__` where each answer has its own. */
  readonly page: string;
  /** All other files, by the path of their URL. */
  readonly files: ReadonlyMap<string, ConsoleFile>;
};

type ConsoleFile = {
  readonly type: string;
  readonly plain: Buffer;
  readonly packed: { readonly [Encoding in "br" | "gzip"]: Buffer | undefined };
  /** Its name tells its content, so that it never changes. */
  readonly isHashed: boolean;
};

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Reads the built console; undefined if it was not built. */
export function readConsole(folder: string): Console | undefined {
  const page = join(folder, "index.html");
  if (!existsSync(page)) return undefined;
  const read = (file: string): Buffer | undefined => (existsSync(file) ? readFileSync(file) : undefined);
  const files = globSync("**/*.{js,css,svg}", { cwd: folder }).map((name): [string, ConsoleFile] => {
    const file = join(folder, name);
    const packed = { br: read(`${file}.br`), gzip: read(`${file}.gz`) };
    const path = `/${name.replaceAll("\\", "/")}`;
    const isHashed = path.startsWith("/assets/");
    return [path, { type: types[extname(name)] ?? "", plain: readFileSync(file), packed, isHashed }];
  });
  return { page: readFileSync(page, "utf8"), files: new Map(files) };
}

/**
 * Serves the console: its files, and its page for every other address that a browser opens and that is not the API's.
 * @param hasDemo Whether demo identities may be chosen here.
 */
export function serveConsole(app: Express, { page, files }: Console, hasDemo: boolean): void {
  app.use(function sendConsole(request, response, next) {
    if (request.method !== "GET" && request.method !== "HEAD") return next();
    const file = files.get(request.path);
    if (file !== undefined) return sendFile(request, response, file);
    if (!isPageRequest(request)) return next();
    const nonce = randomBytes(16).toString("base64");
    response.set("content-security-policy", policyWith(nonce));
    response.type("html").send(page.replaceAll("__NONCE__", nonce).replaceAll("__DEMO__", hasDemo ? "on" : "off"));
  });
}

function sendFile(request: Request, response: Response, { type, plain, packed, isHashed }: ConsoleFile): void {
  const encoding = request.acceptsEncodings(["br", "gzip"]) as "br" | "gzip" | false;
  const bytes = encoding === false ? undefined : packed[encoding];
  response.set({
    "content-type": type,
    vary: "accept-encoding",
    "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
  });
  if (bytes !== undefined) response.set("content-encoding", String(encoding));
  response.end(bytes ?? plain);
}

/** A browser asks for pages with `text/html`; who asks for anything at all means the API, but where the API has nothing: at the root. */
function isPageRequest(request: Request): boolean {
  if (request.path === "/") return true;
  const wantsPage = (request.get("accept") ?? "").includes("text/html");
  return wantsPage && !/^\/(v1|assets|docs|demo)(\/|$)/.test(request.path);
}

/** Scripts of this page alone; styles that bear its nonce; nothing from elsewhere, and no frame around it. */
function policyWith(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
