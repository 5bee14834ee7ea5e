import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { readPreference, writePreference } from "../parts/preference.ts";
import { fill, type Values } from "./fill.ts";
import { type Language, languages } from "./pair.ts";
import { type TextKey, texts } from "./texts.ts";

/** Gives a text in the chosen language with its values, see `fill`. */
export type Tell = (key: TextKey, values?: Values) => string;

type Chosen = { readonly language: Language; readonly choose: (language: Language) => void; readonly tell: Tell };
const Context = createContext<Chosen | undefined>(undefined);

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  }, [language]);
  const chosen = useMemo<Chosen>(
    () => ({
      language,
      choose: (next) => {
        writePreference("language", next);
        setLanguage(next);
      },
      tell: (key, values) => fill(texts[key][language === "zh" ? 1 : 0], values),
    }),
    [language],
  );
  return <Context.Provider value={chosen}>{children}</Context.Provider>;
}

export function useLanguage(): Chosen {
  const chosen = useContext(Context);
  if (chosen === undefined) throw new Error("a text stands outside the language provider");
  return chosen;
}

export const useText = (): Tell => useLanguage().tell;

function firstLanguage(): Language {
  const kept = readPreference("language");
  return languages.find((known) => known === kept) ?? (navigator.language.startsWith("zh") ? "zh" : "en");
}
