import { Typography } from "antd";
import { useLanguage } from "../language/language.tsx";
import { visible } from "../parts/visible.ts";
import { findPurpose, purposeName, sources } from "./purposes.ts";

type Props = { readonly of: string; readonly isLong?: boolean };

/** A purpose by its name and code; with its definition and the source of that, if asked. */
export function Purpose({ of: code, isLong = false }: Props) {
  const { language, tell } = useLanguage();
  const known = findPurpose(code);
  const at = language === "zh" ? 1 : 0;
  const name = visible(purposeName(code, language));
  if (!isLong)
    return (
      <span title={visible(code)}>
        <bdi>{name}</bdi>
      </span>
    );
  return (
    <div>
      <strong>
        <bdi>{name}</bdi>
      </strong>{" "}
      {known !== undefined && <Typography.Text code>{code}</Typography.Text>}
      <div>{known === undefined ? tell("purposes.unknown") : known.definition[at]}</div>
      {known !== undefined && (
        <div className="quiet">
          {tell("purposes.source", { title: sources[known.source].title, license: sources[known.source].license })}
        </div>
      )}
    </div>
  );
}
