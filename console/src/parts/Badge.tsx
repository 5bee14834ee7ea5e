import type { ReactNode } from "react";

type Props = { readonly tone?: "good" | "bad" | "new" | "quiet" | "alarm" | "warn"; readonly children: ReactNode };

/** A word or two that stand out a little, or a lot. The tone is never all that tells them apart. */
export function Badge({ tone = "quiet", children }: Props) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}
