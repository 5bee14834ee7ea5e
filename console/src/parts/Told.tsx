import { visible } from "./visible.ts";

/** Text of others: nothing hidden in it, and nothing in it that turns what stands beside it. */
export function Told({ of: text }: { readonly of: string }) {
  return <bdi>{visible(text)}</bdi>;
}

/** Text of others over several lines. */
export function ToldLines({ of: text }: { readonly of: string }) {
  return <pre className="text">{visible(text, "lines")}</pre>;
}
