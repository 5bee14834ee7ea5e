import { Wallet } from "ethers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "../../server/domain/actor.ts";
import type { Address, Hash, ParticipantId } from "../../server/domain/ids.ts";
import { signInStatement, writeSignIn } from "../../server/domain/signIn.ts";
import { createNonces } from "../../server/session/nonces.ts";
import { SessionUnavailable } from "../../server/session/refused.ts";
import { createSessions, type Sessions } from "../../server/session/sessions.ts";
import { createSessionStore } from "../../server/store/sessionStore.ts";
import { bytes32 } from "../support/evidence.ts";
import { createStoreDatabase, type StoreDatabase } from "../support/readModel.ts";
import { signText } from "../support/session.ts";

const origin = "https://gateway.example";
const start = 1_790_000_000;
const wallet = new Wallet(bytes32("regulator's key"));
const key = wallet.address.toLowerCase() as Address;
const regulator: Actor = {
  participant: bytes32<ParticipantId>("regulator"),
  name: "Regulator",
  roles: ["Regulator"],
  key,
  isDelegate: false,
  block: { number: 1, hash: bytes32<Hash>("block") },
};

let database: StoreDatabase;
let clock: number;
let actor: () => Promise<Actor | undefined>;
let sessions: Sessions;
let nonces: ReturnType<typeof createNonces>;
beforeAll(async () => {
  database = await createStoreDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  clock = start;
  actor = async () => regulator;
  const now = (): number => clock;
  nonces = createNonces(now);
  sessions = createSessions({
    store: createSessionStore(database.pool),
    nonces,
    findActor: () => actor(),
    origin: () => origin,
    chainId: 1,
    idleSeconds: 900,
    mostSeconds: 3_600,
    now,
  });
});

function message(nonce = nonces.issue().nonce): string {
  return writeSignIn({
    domain: "gateway.example",
    address: wallet.address,
    statement: signInStatement,
    uri: origin,
    version: "1",
    chainId: 1,
    nonce,
    issuedAt: new Date(clock * 1_000).toISOString(),
    expirationTime: new Date((clock + 300) * 1_000).toISOString(),
  });
}

async function open(): Promise<string> {
  const text = message();
  return (await sessions.signIn(text, signText(wallet, text), "bearer")).token;
}

const codeOf = (token: string): Promise<string> =>
  sessions.resume(token, "bearer").then(
    () => "open",
    (error: { code: string }) => error.code,
  );

describe("a session", () => {
  it("idleTimeout: ends to the second after it was not used, and is never woken", async () => {
    const token = await open();
    clock += 899;
    expect(await codeOf(token)).toBe("open");
    clock += 899;
    expect(await codeOf(token)).toBe("open");
    clock += 900;
    expect(await codeOf(token)).toBe("SessionEnded");
    clock -= 900;
    expect(await codeOf(token)).toBe("SessionEnded");
  });

  it("absoluteTimeout: ends to the second however much it is used", async () => {
    const token = await open();
    while (clock < start + 3_599) {
      clock = Math.min(clock + 600, start + 3_599);
      expect(await codeOf(token)).toBe("open");
    }
    clock += 1;
    expect(await codeOf(token)).toBe("SessionEnded");
  });

  it("ends when the clock is set back to before it was opened", async () => {
    const token = await open();
    clock -= 61;
    expect(await codeOf(token)).toBe("SessionEnded");
  });

  it("is nobody's while the chain cannot be asked, and goes on when it can", async () => {
    const token = await open();
    actor = () => Promise.reject(new Error("no chain"));
    await expect(sessions.resume(token, "bearer")).rejects.toThrow(SessionUnavailable);
    actor = async () => regulator;
    expect(await codeOf(token)).toBe("open");
  });

  it("dies if the key acts for somebody else than it did", async () => {
    const token = await open();
    actor = async () => ({ ...regulator, participant: bytes32<ParticipantId>("another") });
    expect(await codeOf(token)).toBe("SessionEnded");
    actor = async () => regulator;
    expect(await codeOf(token)).toBe("SessionEnded");
  });
});

describe("a nonce", () => {
  it("is good for five minutes, once, and in this process alone", async () => {
    const { nonce } = nonces.issue();
    clock += 299;
    expect(nonces.expiryOf(nonce)).toBe(start + 300);
    clock += 1;
    expect(nonces.expiryOf(nonce)).toBeUndefined();
    clock = start;
    expect(createNonces(() => clock).expiryOf(nonce)).toBeUndefined();
    for (const at of [0, 40, 75]) {
      const other = nonce[at] === "0" ? "1" : "0";
      expect(nonces.expiryOf(nonce.slice(0, at) + other + nonce.slice(at + 1)), String(at)).toBeUndefined();
    }
  });

  it("stays used for longer than it is good, even where sessions are forgotten", async () => {
    const text = message();
    await sessions.signIn(text, signText(wallet, text), "bearer");
    clock += 298;
    await open();
    await expect(sessions.signIn(text, signText(wallet, text), "bearer")).rejects.toMatchObject({ code: "NonceUsed" });
  });

  it("is not used up by a message that opens nothing", async () => {
    const { nonce } = nonces.issue();
    const text = message(nonce);
    actor = async () => undefined;
    await expect(sessions.signIn(text, signText(wallet, text), "bearer")).rejects.toMatchObject({ code: "KeyUnknown" });
    actor = async () => regulator;
    expect((await sessions.signIn(text, signText(wallet, text), "bearer")).session.actor).toEqual(regulator);
  });
});
