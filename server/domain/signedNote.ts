import { type Ed25519Key, verifyEd25519 } from "./ed25519.ts";
import { sha256 } from "./hash.ts";

/** Whose signature of a note counts: a name without spaces and plus, and a public key of Ed25519 (32 bytes). */
export type NoteKey = { readonly name: string; readonly publicKey: Uint8Array };

/** Signature type of Ed25519 in C2SP signed-note. */
const ed25519 = Buffer.of(1);
const newline = Buffer.from("\n");
const mostBytes = 100_000;

/** First four bytes of SHA-256(name || newline || 0x01 || key): tells keys of one name apart, and proves nothing. */
export function noteKeyId({ name, publicKey }: NoteKey): Buffer {
  return sha256(Buffer.from(name), newline, ed25519, publicKey).subarray(0, 4);
}

/** A key as tools for signed notes take it: name, id and key with plus between. */
export function writeNoteKey(key: NoteKey): string {
  const bytes = Buffer.concat([ed25519, key.publicKey]).toString("base64");
  return `${key.name}+${noteKeyId(key).toString("hex")}+${bytes}`;
}

/** Signs a text, which must end with a newline, as a note (C2SP signed-note). */
export function signNote(text: string, name: string, key: Ed25519Key): string {
  const signature = Buffer.concat([noteKeyId({ name, publicKey: key.publicKey }), key.sign(Buffer.from(text))]);
  return `${text}\n\u2014 ${name} ${signature.toString("base64")}\n`;
}

/**
 * The text of a note that one key has signed; undefined if it is no note or that key's signature is missing or wrong. Signatures of others
 * are passed over.
 */
export function openNote(note: string, key: NoteKey): string | undefined {
  const end = note.lastIndexOf("\n\n");
  if (note.length > mostBytes || end < 0 || !note.endsWith("\n") || hasControls(note)) return undefined;
  const text = note.slice(0, end + 1);
  const lines = note
    .slice(end + 2, -1)
    .split("\n")
    .map(readLine);
  if (!lines.every((line) => line !== undefined)) return undefined;
  const id = noteKeyId(key);
  const own = lines.filter(({ name, keyId }) => name === key.name && keyId.equals(id));
  const holds = own.every(({ signature }) => verifyEd25519(key.publicKey, Buffer.from(text), signature));
  return own.length > 0 && holds ? text : undefined;
}

function hasControls(note: string): boolean {
  return /[^\P{Cc}\n\u007f-\u009f]/u.test(note);
}

type Line = { readonly name: string; readonly keyId: Buffer; readonly signature: Buffer };

function readLine(line: string): Line | undefined {
  const [, name, base64] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
  if (name === undefined || base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length < 5 || bytes.toString("base64") !== base64) return undefined;
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}
