/** One text in both languages: English, 中文. `{name}` stands for a value. */
export type Pair = readonly [english: string, chinese: string];

/** Takes texts as they are, so that their keys are known and none can lack a language. */
export function pairs<const T extends Readonly<Record<string, Pair>>>(texts: T): T {
  return texts;
}

export const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];
