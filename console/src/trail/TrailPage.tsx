import { useText } from "../language/language.tsx";
import { Page } from "../parts/Page.tsx";
import { For } from "../session/For.tsx";
import { EntryTable } from "./EntryTable.tsx";

/** The log of this gateway, as far as it concerns who reads it. */
export function TrailPage() {
  const tell = useText();
  return (
    <Page title={tell("trail.title")} lead={tell("trail.lead")}>
      <For roles={["Regulator", "Hospital"]}>{() => <EntryTable />}</For>
    </Page>
  );
}

/** A consumer's own requests. */
export function ReceiptsPage() {
  const tell = useText();
  return (
    <Page title={tell("trail.receipts")} lead={tell("trail.receipts.lead")}>
      <For roles={["Consumer"]}>{() => <EntryTable kind="Usage" />}</For>
    </Page>
  );
}
