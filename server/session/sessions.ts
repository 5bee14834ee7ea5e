import { randomBytes } from "node:crypto";
import type { Actor } from "../domain/actor.ts";
import { sha256 } from "../domain/hash.ts";
import type { Address, Hex } from "../domain/ids.ts";
import type { SessionForm, SessionRow, SessionStore } from "../store/sessionStore.ts";
import type { Nonces } from "./nonces.ts";
import { SessionUnavailable, SignInRefused } from "./refused.ts";
import { verifySignIn } from "./verifySignIn.ts";

/** A session that is open: who acts in it, and when it ends at the latest (unix seconds). `id` is no secret. */
export type Session = { readonly id: string; readonly actor: Actor; readonly endsAt: number };

export type Sessions = {
  /** Opens a session for who signed the message. Rejects with `SignInRefused`. The token exists nowhere else afterwards. */
  readonly signIn: (text: string, signature: Hex, form: SessionForm) => Promise<{ token: string; session: Session }>;
  /** Whose session this is, asked of the chain now. Rejects with `SignInRefused` if it is nobody's any more. */
  readonly resume: (token: string, form: SessionForm) => Promise<Session>;
  readonly signOut: (token: string) => Promise<void>;
};

export type SessionOptions = {
  readonly store: SessionStore;
  readonly nonces: Nonces;
  /** Asks the chain, at its head, for whom a key acts; undefined if for no active participant. */
  readonly findActor: (key: Address) => Promise<Actor | undefined>;
  readonly origin: () => string;
  readonly chainId: number;
  /** After how many seconds without use, and at the latest, a session ends. */
  readonly idleSeconds: number;
  readonly mostSeconds: number;
  /** Unix seconds. */
  readonly now: () => number;
};

/** Makes the sessions. What cannot be asked lets nobody in: all reject with `SessionUnavailable` then. */
export function createSessions(options: SessionOptions): Sessions {
  const { store, nonces, findActor, now, idleSeconds, mostSeconds } = options;

  const isOver = ({ openedAt, usedAt }: SessionRow): boolean =>
    now() >= openedAt + mostSeconds || now() >= usedAt + idleSeconds || now() < openedAt - mostSetBack;

  const sessionOf = ({ tokenHash, openedAt }: SessionRow, actor: Actor): Session => ({
    id: sha256(tokenHash).toString("hex"),
    actor,
    endsAt: openedAt + mostSeconds,
  });

  const signIn: Sessions["signIn"] = async (text, signature, form) => {
    const { key, nonce } = verifySignIn(text, signature, {
      origin: options.origin(),
      chainId: options.chainId,
      now: now(),
    });
    const nonceExpiresAt = nonces.expiryOf(nonce);
    if (nonceExpiresAt === undefined) throw new SignInRefused("NonceUnknown");
    const actor = await findActor(key);
    if (actor === undefined) throw new SignInRefused("KeyUnknown");
    const token = randomBytes(32).toString("hex");
    const row = { tokenHash: hashOf(token), form, key, participant: actor.participant, openedAt: now(), usedAt: now() };
    await store.forget(now() - mostSeconds, now() - idleSeconds, now());
    if (!(await store.open(row, nonce, nonceExpiresAt))) throw new SignInRefused("NonceUsed");
    return { token, session: sessionOf(row, actor) };
  };

  const resume: Sessions["resume"] = async (token, form) => {
    const row = await store.find(hashOf(token));
    if (row === undefined || row.form !== form) throw new SignInRefused("SessionEnded");
    const actor = isOver(row) ? undefined : await findActor(row.key);
    if (actor === undefined || actor.participant !== row.participant) {
      await store.end(row.tokenHash);
      throw new SignInRefused("SessionEnded");
    }
    if (now() - row.usedAt > idleSeconds / 20) await store.touch(row.tokenHash, now());
    return sessionOf(row, actor);
  };

  return Object.freeze<Sessions>({
    signIn: (text, signature, form) => available(() => signIn(text, signature, form)),
    resume: (token, form) => available(() => resume(token, form)),
    signOut: (token) => available(() => store.end(hashOf(token))),
  });
}

/** How far a clock may have been set back since a session was opened, in seconds. */
const mostSetBack = 60;

const hashOf = (token: string): Buffer => sha256(Buffer.from(token));

async function available<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SignInRefused) throw error;
    throw new SessionUnavailable(error);
  }
}
