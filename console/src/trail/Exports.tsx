import { Button, Flex } from "antd";
import { useText } from "../language/language.tsx";
import type { Filter } from "./filter.ts";

const formats = ["csv", "fhir", "json"] as const;

/** Takes out all entries that a filter means, whatever page is shown; the gateway writes them, and records that it did. */
export function Exports({ filter }: { readonly filter: Filter }) {
  const tell = useText();
  return (
    <Flex gap="small" wrap>
      {formats.map((format) => (
        <Button key={format} size="small" href={`/v1/entries/export?${addressOf(filter, format)}`} download>
          {tell(`trail.export.${format}`)}
        </Button>
      ))}
    </Flex>
  );
}

function addressOf(filter: Filter, format: string): string {
  const members = Object.entries(filter).filter((member): member is [string, string] => member[1] !== undefined);
  return new URLSearchParams([...members, ["format", format]]).toString();
}
