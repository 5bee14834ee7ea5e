import type { Request, RequestHandler } from "express";

/** Thrown for a body that is not the JSON that was asked for; the message says what to send. */
export class BodyUnreadable extends Error {
  override readonly name = "BodyUnreadable";
  readonly status: 400 | 413 | 415;
  constructor(status: 400 | 413 | 415, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Makes the reader of a JSON body. It must be UTF-8 and name each member once, so that there is one way to read it and what was
 * signed is what is read.
 */
export function readJsonBody(limit: number): RequestHandler {
  return async function readBody(request, response, next) {
    requireJson(request);
    try {
      request.body = parseStrictly(await readBytes(request, limit));
    } catch (error) {
      // what is still to come is not waited for
      if (!request.complete) response.set("connection", "close");
      throw error;
    }
    next();
  };
}

function readBytes(request: Request, limit: number): Promise<Buffer> {
  const tooLarge = (): BodyUnreadable => new BodyUnreadable(413, `Send at most ${limit} bytes.`);
  if (Number(request.get("content-length") ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit) chunks.push(chunk);
      else reject(tooLarge());
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("close", () => {
      if (!request.complete) reject(new BodyUnreadable(400, "It ended before its end."));
    });
    request.once("error", reject);
  });
}

function requireJson(request: Request): void {
  const [type = "", ...parameters] = (request.get("content-type") ?? "").toLowerCase().split(";");
  const isUtf8 = parameters.every(
    (parameter) => !/^\s*charset=/.test(parameter) || /=\s*"?utf-8"?\s*$/.test(parameter),
  );
  if ((request.get("content-encoding") ?? "identity") !== "identity")
    throw new BodyUnreadable(415, "It is packed. Send it as it is.");
  if (type.trim() !== "application/json" || !isUtf8)
    throw new BodyUnreadable(415, "Send it with content-type: application/json, in UTF-8.");
}

function parseStrictly(bytes: Buffer): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BodyUnreadable(400, "It is not UTF-8.");
  }
  try {
    value = JSON.parse(text);
  } catch {
    throw new BodyUnreadable(400, "It is not JSON.");
  }
  const repeated = findRepeatedMember(text);
  if (repeated !== undefined) throw new BodyUnreadable(400, `It names a member twice: ${repeated}.`);
  return value;
}

/** The first name that stands twice in one object, as it is written. The text must be JSON. */
function findRepeatedMember(json: string): string | undefined {
  const open: Set<string>[] = [];
  let last = "";
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") {
      const name = JSON.parse(last) as string;
      if (open.at(-1)?.has(name)) return last;
      open.at(-1)?.add(name);
    } else last = token;
  }
  return undefined;
}
