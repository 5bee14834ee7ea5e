import { CheckCircleFilled, CloseCircleFilled, MinusCircleOutlined } from "@ant-design/icons";
import { Alert, Flex } from "antd";
import { useText } from "../language/language.tsx";
import { links, type Verdict, type Verified } from "./verifyEvidence.ts";

/** The outcome, and each link of the chain of evidence. */
export function VerifiedView({ of: verified }: { readonly of: Verified }) {
  const tell = useText();
  const broken = links.find((link) => verified[link] === "broken");
  const isWaiting = verified.inclusion === "absent";
  const isPartly = links.some((link) => verified[link] === "absent");
  const summary = isWaiting ? "verify.waiting" : isPartly ? "verify.partly" : "verify.holds";
  return (
    <Flex vertical gap="middle">
      {broken === undefined ? (
        <Alert showIcon type={isWaiting ? "info" : "success"} title={tell(summary)} />
      ) : (
        <Alert showIcon type="error" title={tell("verify.broken", { link: tell(`link.${broken}`) })} />
      )}
      <ul className="plain checks">
        {links.map((link) => (
          <li key={link}>
            <VerdictIcon of={verified[link]} />
            <span>
              {tell(`link.${link}`)} ·{" "}
              <span className={verified[link] === "broken" ? "bad" : "quiet"}>{tell(`verdict.${verified[link]}`)}</span>
            </span>
          </li>
        ))}
      </ul>
    </Flex>
  );
}

function VerdictIcon({ of: verdict }: { readonly of: Verdict }) {
  if (verdict === "absent") return <MinusCircleOutlined aria-hidden />;
  return verdict === "holds" ? (
    <CheckCircleFilled className="good" aria-hidden />
  ) : (
    <CloseCircleFilled className="bad" aria-hidden />
  );
}
