import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Nonces that this process gave. Nothing is kept of them: a stranger who asks for many fills nothing. */
export type Nonces = {
  readonly issue: () => { readonly nonce: string; readonly expiresAt: number };
  /** When a nonce ends that this process gave and that is still good, unix seconds; undefined for any other. */
  readonly expiryOf: (nonce: string) => number | undefined;
};

const secondsGood = 300;

/**
 * Makes the giver of nonces: random bytes, an end and a tag under a secret that lives as long as the process.
 * @param now Unix seconds.
 */
export function createNonces(now: () => number): Nonces {
  const secret = randomBytes(32);
  const tagOf = (content: string): string => createHmac("sha256", secret).update(content).digest("hex").slice(0, 32);
  return Object.freeze<Nonces>({
    issue: () => {
      const expiresAt = now() + secondsGood;
      const content = randomBytes(16).toString("hex") + expiresAt.toString(16).padStart(12, "0");
      return { nonce: content + tagOf(content), expiresAt };
    },
    expiryOf: (nonce) => {
      if (!/^[0-9a-f]{76}$/.test(nonce)) return undefined;
      const [content, tag] = [nonce.slice(0, 44), nonce.slice(44)];
      if (!timingSafeEqual(Buffer.from(tag), Buffer.from(tagOf(content)))) return undefined;
      const expiresAt = Number.parseInt(content.slice(32), 16);
      return now() < expiresAt ? expiresAt : undefined;
    },
  });
}
