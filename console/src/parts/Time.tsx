import { useFormat } from "../language/format.ts";

/** A time in the reader's zone, with the exact one in UTC to hover over. */
export function Time({ of: value }: { readonly of: string }) {
  const { time } = useFormat();
  return (
    <time dateTime={value} title={value}>
      {time(value)}
    </time>
  );
}
