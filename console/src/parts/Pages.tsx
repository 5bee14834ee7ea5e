import { Button, Flex } from "antd";
import { useText } from "../language/language.tsx";

type Props = {
  readonly next: string | null;
  readonly cursor: string | undefined;
  readonly go: (cursor?: string) => void;
};

/** Goes through a list that the gateway pages. */
export function Pages({ next, cursor, go }: Props) {
  const tell = useText();
  if (next === null && cursor === undefined) return null;
  return (
    <Flex gap="small" justify="end">
      {cursor !== undefined && <Button onClick={() => go()}>{tell("parts.first")}</Button>}
      <Button disabled={next === null} onClick={() => go(next ?? undefined)}>
        {tell("parts.more")}
      </Button>
    </Flex>
  );
}
