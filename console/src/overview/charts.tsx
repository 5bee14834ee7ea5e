import { useMemo } from "react";
import type { Output } from "../../../server/api/routes.ts";
import { ChartOrTable } from "../charts/ChartOrTable.tsx";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { shownDays } from "./shownDays.ts";

type Props = { readonly counts: Output<"counts"> };

const colors = { Permitted: "#2f8f5b", Denied: "#c2410c", Failed: "#8a6d1b", neutral: "#3d7fc4" } as const;
const outcomes = ["Permitted", "Denied", "Failed"] as const;

/** How many requests were permitted and refused, day by day. */
export function UsesChart({ counts }: Props) {
  const tell = useText();
  const { day: write } = useFormat();
  const bars = useMemo(() => {
    const days = shownDays(
      counts.entries.map(({ day }) => day),
      new Date(),
    );
    const total = (asked: string, outcome: string): number =>
      counts.entries
        .filter((entry) => entry.day === asked && entry.outcome === outcome)
        .reduce((sum, { count }) => sum + count, 0);
    return {
      categories: days.map((day) => write(`${day}T12:00:00Z`)),
      series: outcomes.map((outcome) => ({
        name: tell(`outcome.${outcome}`),
        color: colors[outcome],
        values: days.map((day) => total(day, outcome)),
      })),
    };
  }, [counts, tell, write]);
  return (
    <ChartOrTable
      title={tell("overview.uses")}
      category={tell("overview.day")}
      bars={bars}
      none={tell("overview.uses.none")}
    />
  );
}

export function AgreementsChart({ counts }: Props) {
  const tell = useText();
  const bars = useMemo(
    () => ({
      categories: counts.agreements.map(({ status }) => tell(`status.${status}`)),
      series: [
        { name: tell("overview.count"), color: colors.neutral, values: counts.agreements.map(({ count }) => count) },
      ],
      isHorizontal: true,
    }),
    [counts, tell],
  );
  return (
    <ChartOrTable
      title={tell("overview.agreements")}
      category={tell("overview.status")}
      bars={bars}
      none={tell("parts.empty")}
    />
  );
}

export function RefusalsChart({ counts }: Props) {
  const tell = useText();
  const bars = useMemo(() => {
    const byReason = new Map<string, number>();
    for (const { reason, count } of counts.entries) {
      if (reason === null) continue;
      const name = tell(`reason.${reason}`);
      byReason.set(name, (byReason.get(name) ?? 0) + count);
    }
    const sorted = [...byReason].sort(([, a], [, b]) => b - a);
    return {
      categories: sorted.map(([name]) => name),
      series: [{ name: tell("overview.count"), color: colors.Denied, values: sorted.map(([, count]) => count) }],
      isHorizontal: true,
    };
  }, [counts, tell]);
  return (
    <ChartOrTable
      title={tell("overview.refusals")}
      category={tell("overview.reason")}
      bars={bars}
      none={tell("overview.refusals.none")}
    />
  );
}
