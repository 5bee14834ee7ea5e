import { useMemo } from "react";
import { useLanguage } from "./language.tsx";

/** Writes numbers and times as readers of the chosen language expect them. */
export type Format = {
  readonly number: (value: number | string | bigint) => string;
  readonly time: (rfc3339: string) => string;
  /** Day and month alone, where the year goes without saying. */
  readonly day: (rfc3339: string) => string;
  /** Several names as one phrase. */
  readonly list: (names: readonly string[]) => string;
  /** Of unix seconds. */
  readonly seconds: (value: number) => string;
};

/** The last second that a date can hold; agreements may name later ones. */
const lastSecond = 8_640_000_000_000;

export function useFormat(): Format {
  const { language } = useLanguage();
  return useMemo(() => {
    const locale = language === "zh" ? "zh-CN" : "en-GB";
    const numbers = new Intl.NumberFormat(locale);
    const times = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
    const days = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" });
    const lists = new Intl.ListFormat(locale);
    const time = (text: string): string => times.format(new Date(text));
    return {
      number: (value) => numbers.format(typeof value === "string" ? BigInt(value) : value),
      time,
      day: (text) => days.format(new Date(text)),
      list: (names) => lists.format(names),
      seconds: (value) => (value > lastSecond ? "∞" : times.format(new Date(value * 1_000))),
    };
  }, [language]);
}
