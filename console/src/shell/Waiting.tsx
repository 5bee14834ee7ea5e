import type { ParticipantId } from "../../../server/domain/ids.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { useText } from "../language/language.tsx";
import { useSession } from "../session/SessionProvider.tsx";

const most = 99;

/** How many offers wait for the signature of who is signed in; nothing if none does. */
export function Waiting() {
  const tell = useText();
  const { session } = useSession();
  const waitsFor = session?.participant.id as ParticipantId;
  const offers = useAnswer(
    "agreements",
    { waitsFor, limit: String(most) },
    { enabled: session !== undefined, refreshMs: 15_000 },
  );
  const { items = [], next = null } = offers.data ?? {};
  if (session === undefined || items.length === 0) return null;
  const count = next === null ? String(items.length) : `${most}+`;
  return (
    <span className="count">
      <span aria-hidden>{count}</span>
      <span className="unseen">{tell("search.waiting", { count })}</span>
    </span>
  );
}
