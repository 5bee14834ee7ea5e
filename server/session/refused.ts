/** Why nobody is signed in: HTTP status and sentence of each reason. */
export const signInProblems = {
  SessionMissing: [401, "Sign in first: this is for participants only."],
  SessionEnded: [401, "The session has ended. Sign in again."],
  MessageMalformed: [401, "The message is not in the form that this gateway asked for."],
  DomainMismatch: [401, "The message was made for another site."],
  ChainMismatch: [401, "The message was made for another chain."],
  NonceUnknown: [401, "The nonce was not given by this gateway, or not of late. Ask for a new one."],
  NonceUsed: [401, "The nonce was used before. Ask for a new one."],
  MessageExpired: [401, "The message is not valid now. Check the clock and sign anew."],
  SignatureMismatch: [401, "The message was not signed by the account that it names."],
  KeyUnknown: [403, "The account acts for no active participant on this chain."],
  RoleMissing: [403, "The participant has no role that may do this."],
  DelegateRefused: [403, "Only the participant's own key may do this, and this is a delegate's."],
} as const satisfies Readonly<Record<string, readonly [401 | 403, string]>>;
export type SignInProblem = keyof typeof signInProblems;

/** Thrown when somebody is not, or not sufficiently, signed in. */
export class SignInRefused extends Error {
  override readonly name = "SignInRefused";
  readonly code: SignInProblem;
  constructor(code: SignInProblem) {
    super(signInProblems[code][1]);
    this.code = code;
  }
}

/** Thrown when the chain or the store cannot be asked whose session this is: nobody is let in then. */
export class SessionUnavailable extends Error {
  override readonly name = "SessionUnavailable";
  constructor(cause: unknown) {
    super("it cannot be asked now whose session this is", { cause });
  }
}
