import { Timeline } from "antd";
import { useText } from "../language/language.tsx";
import { Named } from "../parts/Named.tsx";
import { Time } from "../parts/Time.tsx";
import type { Agreement } from "./AgreementPage.tsx";

/** Who has signed when, and who must still sign. */
export function Signatures({ agreement }: { readonly agreement: Agreement }) {
  const tell = useText();
  const signed = agreement.signatures.map(({ capacity, signer, at }) => ({
    key: `${capacity}${signer.id}`,
    color: "green",
    content: (
      <>
        {tell(`capacity.${capacity}`)} · <Named of={signer} kind="participants" />
        <br />
        <Time of={at} />
      </>
    ),
  }));
  const missing = agreement.pending.map((pending) => ({
    key: pending.capacity,
    color: "gray",
    content:
      pending.capacity === "Regulator" ? (
        tell("agreement.signature.regulators", { approvals: pending.approvals })
      ) : (
        <>
          {tell(`capacity.${pending.capacity}`)} · <Named of={pending.signer} kind="participants" />
          <br />
          <span className="quiet">{tell("agreement.signature.missing")}</span>
        </>
      ),
  }));
  return <Timeline items={[...signed, ...missing]} />;
}
