import { createInterface } from "node:readline/promises";
import { Mistake } from "./context.ts";

/** What a person is asked, and what is said if the answer is not yes, or where there is nobody to ask. */
export type Question = { readonly ask: string; readonly refused: string; readonly unattended: string };

/**
 * Asks a person at a terminal about what stands there. Throws `Mistake` unless the answer is yes, and where nobody can both see what stands
 * there and answer: a script says yes beforehand, by `--yes`.
 */
export async function confirm({ ask, refused, unattended }: Question, yes: boolean | undefined): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY || !process.stdout.isTTY) throw new Mistake(unattended);
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await reader.question(`${ask} [y/N] `);
  reader.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Mistake(refused);
}

/** Asks whether what stands there may be signed and sent. */
export function confirmSigning(ask: string, yes: boolean | undefined): Promise<void> {
  const unattended = "nothing was signed: there is no terminal to ask at. Look at what stands above, then add --yes.";
  return confirm({ ask, refused: "nothing was signed.", unattended }, yes);
}
