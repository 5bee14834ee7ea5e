/** What a participant signs to open a session (EIP-4361). Every member is mandatory; times are RFC 3339 in UTC. */
export type SignIn = {
  /** Host and port of the gateway's public origin. */
  readonly domain: string;
  /** The account that signs, with its checksum in upper and lower case (EIP-55). */
  readonly address: string;
  readonly statement: string;
  /** The gateway's public origin. */
  readonly uri: string;
  readonly version: string;
  readonly chainId: number;
  readonly nonce: string;
  readonly issuedAt: string;
  readonly expirationTime: string;
};

/** What is signed says what it is for, so that nobody takes it for a term of an agreement. */
export const signInStatement =
  "Sign in to read the audit trail of this Datapact gateway. This signs no agreement and costs nothing.";

/** Writes the message in the one form that is accepted. */
export function writeSignIn(message: SignIn): string {
  return [
    `${message.domain} wants you to sign in with your Ethereum account:`,
    message.address,
    "",
    message.statement,
    "",
    `URI: ${message.uri}`,
    `Version: ${message.version}`,
    `Chain ID: ${message.chainId}`,
    `Nonce: ${message.nonce}`,
    `Issued At: ${message.issuedAt}`,
    `Expiration Time: ${message.expirationTime}`,
  ].join("\n");
}

const time = String.raw`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3})?Z`;
const form = new RegExp(
  [
    "^(?<domain>[A-Za-z0-9.:[\\]-]{1,255}) wants you to sign in with your Ethereum account:",
    "(?<address>0x[0-9A-Fa-f]{40})",
    "",
    "(?<statement>[ -~]{1,256})",
    "",
    "URI: (?<uri>[!-~]{1,512})",
    "Version: (?<version>[0-9]{1,4})",
    "Chain ID: (?<chainId>[1-9][0-9]{0,15})",
    "Nonce: (?<nonce>[A-Za-z0-9]{8,128})",
    `Issued At: (?<issuedAt>${time})`,
    `Expiration Time: (?<expirationTime>${time})$`,
  ].join("\n"),
);

/** Reads a message in the one form that `writeSignIn` has; undefined if it is any other, or leaves anything out. */
export function readSignIn(text: string): SignIn | undefined {
  const members = form.exec(text)?.groups;
  if (members === undefined) return undefined;
  return { ...members, chainId: Number(members.chainId) } as SignIn;
}
