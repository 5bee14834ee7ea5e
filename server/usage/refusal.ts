import type { Reason } from "../domain/reasons.ts";

/** Thrown inside the line when a request may not or cannot be answered; `detail` helps whoever was allowed to ask. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: Reason;
  readonly detail: string | undefined;
  constructor(reason: Reason, detail?: string, cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
    this.detail = detail;
  }
}
