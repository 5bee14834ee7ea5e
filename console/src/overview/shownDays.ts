const usualDays = 30;

/** The days (UTC) of a chart of uses: the last 30, whether used or not, and any other that was used; none if none was. */
export function shownDays(used: readonly string[], today: Date): readonly string[] {
  if (used.length === 0) return [];
  const last = Array.from({ length: usualDays }, (_, ago) =>
    new Date(today.getTime() - ago * 86_400_000).toISOString().slice(0, 10),
  );
  return [...new Set([...last, ...used])].sort();
}
