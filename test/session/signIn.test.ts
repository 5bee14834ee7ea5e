import { Wallet } from "ethers";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import { write } from "../../server/chain/write.ts";
import { ChallengeForeign, signIn } from "../../server/client/signIn.ts";
import type { Hex } from "../../server/domain/ids.ts";
import { readSignIn, type SignIn, writeSignIn } from "../../server/domain/signIn.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { cookieOf, messageFor, postSignIn, signText } from "../support/session.ts";
import { startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let commission: Wallet;
beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  commission = space.founded.wallet("commission");
});
afterAll(() => space.stop());

const chainId = (): number => space.founded.space.manifest.chainId;

async function post(message: string, signature: Hex, url = gateway.url): Promise<{ status: number; code: string }> {
  const response = await fetch(`${url}/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message, signature, form: "bearer" }),
  });
  const body = (await response.json()) as { code?: string };
  return { status: response.status, code: body.code ?? "" };
}

/** Signs a good message after a change of its members or its text. */
async function attempt(change: Partial<SignIn>, spoil = (text: string): string => text, wallet = commission) {
  const text = spoil(writeSignIn({ ...messageFor(await createClient(gateway.url).challenge(), wallet), ...change }));
  return post(text, signText(wallet, text));
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: space.engines.storeUrl });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

const whoAmI = (headers: Readonly<Record<string, string>>, url = gateway.url): Promise<Response> =>
  fetch(`${url}/v1/session`, { headers });

async function bearer(key: string | Wallet): Promise<string> {
  const wallet = typeof key === "string" ? space.founded.wallet(key) : key;
  const { token } = (await (await postSignIn(gateway.url, wallet, "bearer")).json()) as { token: string };
  return token;
}

const statusOf = async (token: string): Promise<number> => (await whoAmI({ authorization: `Bearer ${token}` })).status;

const act = (key: string, method: string, args: unknown[]) =>
  write(space.founded.space, space.founded.wallet(key), "ParticipantRegistry", method, args);

describe("a sign-in message (EIP-4361)", () => {
  it("opens a session of the participant for whom the key acts", async () => {
    const client = await signIn(gateway.url, commission, chainId());
    expect(await client.session()).toMatchObject({
      participant: { id: space.founded.id("commission"), name: "Demo Health Commission" },
      roles: ["Regulator"],
      key: commission.address.toLowerCase(),
      delegate: false,
    });
  });

  it("is read as it is written, and in no other form", async () => {
    const message = messageFor(await createClient(gateway.url).challenge(), commission);
    const text = writeSignIn(message);
    expect(readSignIn(text)).toEqual({
      ...Object.fromEntries(Object.entries(message).filter(([name]) => name !== "expiresAt")),
    });
    for (const line of text.split("\n").keys()) {
      const without = text.split("\n").toSpliced(line, 1).join("\n");
      expect(readSignIn(without), `without line ${line}`).toBeUndefined();
    }
  });

  it.each([
    ["otherDomain", { domain: "gateway.example" }, "DomainMismatch"],
    ["otherPort", { domain: "127.0.0.1:1" }, "DomainMismatch"],
    ["otherUri", { uri: "https://gateway.example" }, "DomainMismatch"],
    ["otherChain", { chainId: 1 }, "ChainMismatch"],
    ["otherVersion", { version: "2" }, "MessageMalformed"],
    ["otherStatement", { statement: "I agree to everything." }, "MessageMalformed"],
    ["madeUpNonce", { nonce: "a".repeat(76) }, "NonceUnknown"],
    ["shortNonce", { nonce: "abc" }, "MessageMalformed"],
    ["issuedInTheFuture", { issuedAt: new Date(Date.now() + 300_000).toISOString() }, "MessageExpired"],
    ["issuedLongAgo", { issuedAt: new Date(Date.now() - 3_600_000).toISOString() }, "MessageExpired"],
    ["expired", { expirationTime: new Date(Date.now() - 1_000).toISOString() }, "MessageExpired"],
    ["noSuchDay", { expirationTime: "2099-02-30T25:00:00Z" }, "MessageExpired"],
    ["localTime", { expirationTime: "2099-01-01T00:00:00+08:00" }, "MessageMalformed"],
  ] as const)("%s is refused", async (_name, change, code) => {
    expect(await attempt(change)).toEqual({ status: 401, code });
  });

  it.each([
    ["missingNonce", (text: string) => text.replace(/Nonce: .*\n/, "")],
    ["missingExpiry", (text: string) => text.replace(/\nExpiration Time: .*/, "")],
    ["missingStatement", (text: string) => text.replace(/\n\nSign in.*\n/, "\n\n")],
    ["notBeforeAdded", (text: string) => `${text}\nNot Before: 2020-01-01T00:00:00Z`],
    ["resourcesAdded", (text: string) => `${text}\nResources:\n- https://elsewhere.example`],
    ["lineEndAdded", (text: string) => `${text}\n`],
    ["schemeAdded", (text: string) => `https://${text}`],
    ["carriageReturns", (text: string) => text.replaceAll("\n", "\r\n")],
    ["nonceTwice", (text: string) => text.replace(/(Nonce: .*\n)/, "$1$1")],
    ["membersSwapped", (text: string) => text.replace(/(Version: 1\n)(Chain ID: \d+\n)/, "$2$1")],
  ])("%s is refused", async (_name, spoil) => {
    expect(await attempt({}, spoil)).toEqual({ status: 401, code: "MessageMalformed" });
  });

  it("an address without its checksum, or another's, is refused", async () => {
    const lower = { address: commission.address.toLowerCase() };
    expect(await attempt(lower)).toEqual({ status: 401, code: "SignatureMismatch" });
    const others = { address: space.founded.wallet("hospital").address };
    expect(await attempt(others)).toEqual({ status: 401, code: "SignatureMismatch" });
  });

  it("a signature in another form than the one is refused", async () => {
    const text = writeSignIn(messageFor(await createClient(gateway.url).challenge(), commission));
    const signature = signText(commission, text);
    const s = BigInt(`0x${signature.slice(66, 130)}`);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const v = signature.endsWith("1b") ? "1c" : "1b";
    const high = `${signature.slice(0, 66)}${(order - s).toString(16).padStart(64, "0")}${v}` as Hex;
    const zeroOne = `${signature.slice(0, 130)}0${Number.parseInt(signature.slice(130), 16) - 27}` as Hex;
    expect(await post(text, high)).toEqual({ status: 401, code: "SignatureMismatch" });
    expect(await post(text, zeroOne)).toEqual({ status: 401, code: "SignatureMismatch" });
    expect((await post(text, signature)).status).toBe(200);
  });

  it("replayedMessage: of 20 at once one opens a session, and none after", async () => {
    const text = writeSignIn(messageFor(await createClient(gateway.url).challenge(), commission));
    const signature = signText(commission, text);
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(text, signature)));
    expect(answers.filter(({ status }) => status === 200).length).toBe(1);
    expect(answers.filter(({ code }) => code === "NonceUsed").length).toBe(19);
    expect((await post(text, signature)).code).toBe("NonceUsed");
  });

  it("replayedAfterRestart: a used message opens nothing at the next start; a session goes on", async () => {
    const settings = { DATAPACT_PUBLIC_ORIGIN: "https://gateway.example" };
    await gateway.stop();
    const first = await space.startGateway(settings);
    const challenge = await createClient(first.url).challenge();
    expect(challenge).toMatchObject({ domain: "gateway.example", uri: "https://gateway.example" });
    const text = writeSignIn(messageFor(challenge, commission));
    const signature = signText(commission, text);
    expect((await post(text, signature, first.url)).status).toBe(200);
    const { token } = (await (await postSignIn(first.url, commission, "bearer")).json()) as { token: string };
    await first.stop();
    const second = await space.startGateway(settings);
    expect((await post(text, signature, second.url)).code).toBe("NonceUnknown");
    expect((await whoAmI({ authorization: `Bearer ${token}` }, second.url)).status).toBe(200);
    await second.stop();
    gateway = await space.startGateway();
    expect((await post(text, signature)).code).toBe("DomainMismatch");
  });

  it("a key that nobody knows, or that acts for nobody now, opens nothing", async () => {
    expect(await attempt({}, undefined, new Wallet(Wallet.createRandom().privateKey))).toEqual({
      status: 403,
      code: "KeyUnknown",
    });
  });
});

describe("the client", () => {
  it("signs for no other origin, chain or statement than it asked", async () => {
    const elsewhere = gateway.url.replace("127.0.0.1", "localhost");
    await expect(signIn(elsewhere, commission, chainId())).rejects.toThrow(ChallengeForeign);
    await expect(signIn(gateway.url, commission, 1)).rejects.toThrow(ChallengeForeign);
  });
});

describe("a session", () => {
  it("is a cookie of this host alone, over TLS, out of reach of scripts, and stored nowhere in clear", async () => {
    const response = await postSignIn(gateway.url, commission, "cookie");
    expect(response.headers.get("set-cookie")).toMatch(
      /^__Host-datapact=[0-9a-f]{64}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
    const body = await response.text();
    const token = cookieOf(response);
    expect(body).not.toContain(token);
    expect(JSON.parse(body).token).toBeNull();
    const stored = await query("SELECT * FROM datapact.session");
    expect(stored.length).toBeGreaterThan(0);
    expect(JSON.stringify(stored)).not.toContain(token);
    expect((await whoAmI({ cookie: `__Host-datapact=${token}` })).status).toBe(200);
  });

  it("is taken in the form in which it was opened alone, and once a request", async () => {
    const cookie = cookieOf(await postSignIn(gateway.url, commission, "cookie"));
    const token = await bearer("commission");
    expect(await statusOf(token)).toBe(200);
    expect(await statusOf(cookie)).toBe(401);
    expect((await whoAmI({ cookie: `__Host-datapact=${token}` })).status).toBe(401);
    expect((await whoAmI({ cookie: `__Host-datapact=${cookie}; __Host-datapact=${cookie}` })).status).toBe(401);
    expect((await whoAmI({ cookie: `__Host-datapact=${cookie}`, authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await whoAmI({ cookie: `datapact=${cookie}` })).status).toBe(401);
  });

  it("tokenInUrl: is not read from an address", async () => {
    const token = await bearer("commission");
    for (const query of [`token=${token}`, `access_token=${token}`, `__Host-datapact=${token}`])
      expect((await fetch(`${gateway.url}/v1/session?${query}`)).status).toBe(401);
  });

  it("fixation: a token that was there before never becomes a session, and the one before it ends", async () => {
    const planted = "ab".repeat(32);
    const first = await postSignIn(gateway.url, commission, "cookie", { cookie: `__Host-datapact=${planted}` });
    expect(cookieOf(first)).not.toBe(planted);
    expect((await whoAmI({ cookie: `__Host-datapact=${planted}` })).status).toBe(401);
    const old = cookieOf(first);
    const second = await postSignIn(gateway.url, commission, "cookie", { cookie: `__Host-datapact=${old}` });
    expect((await whoAmI({ cookie: `__Host-datapact=${old}` })).status).toBe(401);
    expect((await whoAmI({ cookie: `__Host-datapact=${cookieOf(second)}` })).status).toBe(200);
  });

  it("ends at once when it is signed out, wherever its token was copied to", async () => {
    const token = cookieOf(await postSignIn(gateway.url, commission, "cookie"));
    const cookie = `__Host-datapact=${token}`;
    const response = await fetch(`${gateway.url}/v1/session`, { method: "DELETE", headers: { cookie } });
    expect(response.status).toBe(200);
    expect(response.headers.get("set-cookie")).toMatch(/^__Host-datapact=;.*Expires=Thu, 01 Jan 1970/);
    expect((await whoAmI({ cookie })).status).toBe(401);
  });

  it("says how to come in, and nothing else, to who has none", async () => {
    const response = await whoAmI({});
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await response.json()).toMatchObject({ code: "SessionMissing" });
  });

  it("keeps 20 of one key; the oldest gives way", async () => {
    const tokens: string[] = [];
    for (let i = 0; i < 21; i += 1) tokens.push(await bearer("insurer"));
    const statuses = await Promise.all(tokens.map(statusOf));
    expect(statuses.filter((status) => status === 200).length).toBe(20);
    expect(statuses.at(-1)).toBe(200);
  });

  it("dies in the block that suspends its participant, and does not come back with it", async () => {
    const token = await bearer("insurer");
    expect(await statusOf(token)).toBe(200);
    await act("commission", "suspend", [space.founded.id("insurer"), "under review"]);
    expect(await statusOf(token)).toBe(401);
    await act("commission", "reinstate", [space.founded.id("insurer")]);
    expect(await statusOf(token)).toBe(401);
    expect(await statusOf(await bearer("insurer"))).toBe(200);
  });

  it("dies in the block that revokes its delegate or rotates its key; the delegate's says that it is one", async () => {
    const delegate = new Wallet(Wallet.createRandom().privateKey);
    const now = Math.floor(Date.now() / 1_000);
    await act("insurer", "authorizeDelegate", [delegate.address, now + 3_600]);
    const token = await bearer(delegate);
    const response = await whoAmI({ authorization: `Bearer ${token}` });
    expect(await response.json()).toMatchObject({ delegate: true, participant: { id: space.founded.id("insurer") } });
    await act("insurer", "revokeDelegate", [delegate.address]);
    expect(await statusOf(token)).toBe(401);
    const own = await bearer("insurer");
    const next = new Wallet(Wallet.createRandom().privateKey);
    await act("insurer", "rotateKey", [next.address]);
    expect(await statusOf(own)).toBe(401);
    expect(await statusOf(await bearer(next))).toBe(200);
    expect((await postSignIn(gateway.url, space.founded.wallet("insurer"), "bearer")).status).toBe(403);
  });
});

describe("a page of another site", () => {
  it.each([
    ["otherOrigin", { origin: "https://evil.example" }],
    ["nullOrigin", { origin: "null" }],
    ["otherPort", { origin: "http://127.0.0.1:1" }],
    ["crossSite", { "sec-fetch-site": "cross-site" }],
    ["sameSiteOtherOrigin", { "sec-fetch-site": "same-site" }],
  ] as readonly (readonly [string, Record<string, string>])[])(
    "%s changes nothing and reads nothing in a session",
    async (_name, headers) => {
      const cookie = `__Host-datapact=${cookieOf(await postSignIn(gateway.url, commission, "cookie"))}`;
      for (const method of ["GET", "DELETE"]) {
        const response = await fetch(`${gateway.url}/v1/session`, {
          method,
          headers: { cookie, ...headers },
        });
        expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([403, "OriginForeign"]);
      }
      expect((await whoAmI({ cookie })).status).toBe(200);
      expect((await postSignIn(gateway.url, commission, "cookie", headers)).status).toBe(403);
      expect((await fetch(`${gateway.url}/v1/usage`, { method: "POST", headers, body: "{}" })).status).toBe(403);
    },
  );

  it("sends no form: a body must be JSON", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const headers = { "content-type": type };
      const response = await fetch(`${gateway.url}/v1/session`, { method: "POST", headers, body: "{}" });
      expect(response.status).toBe(415);
    }
  });

  it("and the gateway's own, or no page, may", async () => {
    expect(
      (await postSignIn(gateway.url, commission, "cookie", { origin: gateway.url, "sec-fetch-site": "same-origin" }))
        .status,
    ).toBe(200);
  });
});
