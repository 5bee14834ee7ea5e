import { type ThemeConfig, theme } from "antd";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { readPreference, writePreference } from "../parts/preference.ts";

export const appearances = ["system", "light", "dark"] as const;
export type Appearance = (typeof appearances)[number];

type Chosen = {
  readonly theme: ThemeConfig;
  readonly appearance: Appearance;
  readonly choose: (appearance: Appearance) => void;
};

/** Light or dark, as the reader chose or as the system has it. */
export function useAppearance(): Chosen {
  const [appearance, setAppearance] = useState<Appearance>(
    () => appearances.find((known) => known === readPreference("appearance")) ?? "system",
  );
  const isSystemDark = useSyncExternalStore(watchSystem, () => system.matches);
  const isDark = appearance === "dark" || (appearance === "system" && isSystemDark);
  useEffect(() => {
    document.documentElement.style.colorScheme = isDark ? "dark" : "light";
  }, [isDark]);
  return useMemo(
    () => ({
      theme: isDark ? dark : light,
      appearance,
      choose: (next) => {
        writePreference("appearance", next);
        setAppearance(next);
      },
    }),
    [isDark, appearance],
  );
}

const system = matchMedia("(prefers-color-scheme: dark)");

function watchSystem(changed: () => void): () => void {
  system.addEventListener("change", changed);
  return () => system.removeEventListener("change", changed);
}

const common = {
  borderRadius: 8,
  fontFamily: "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans SC', sans-serif",
};

/** Boxes to check are no buttons to choose from: their corners show. */
const squareBoxes = { Checkbox: { borderRadiusSM: 3 } };

/** Quiet text and links differ enough from what lies behind them to be read (WCAG 2.2, 1.4.3). */
const light: ThemeConfig = {
  algorithm: theme.defaultAlgorithm,
  token: {
    ...common,
    colorPrimary: "#0b5cad",
    colorLink: "#0b5cad",
    colorError: "#c4161c",
    colorSuccessText: "#1d6b3c",
    colorErrorText: "#b3141a",
    colorBgLayout: "#f4f6f9",
    colorTextSecondary: "rgba(0,0,0,0.7)",
    colorTextTertiary: "rgba(0,0,0,0.64)",
    colorTextDescription: "rgba(0,0,0,0.66)",
    colorTextPlaceholder: "rgba(0,0,0,0.6)",
    colorTextDisabled: "rgba(0,0,0,0.5)",
  },
  components: squareBoxes,
};

const dark: ThemeConfig = {
  algorithm: theme.darkAlgorithm,
  token: {
    ...common,
    colorPrimary: "#3d8fe0",
    colorLink: "#7ab8f5",
    colorSuccessText: "#7ed09c",
    colorErrorText: "#ff9c9e",
    colorBgLayout: "#0e1116",
    colorTextSecondary: "rgba(255,255,255,0.78)",
    colorTextTertiary: "rgba(255,255,255,0.7)",
    colorTextDescription: "rgba(255,255,255,0.7)",
    colorTextPlaceholder: "rgba(255,255,255,0.6)",
    colorTextDisabled: "rgba(255,255,255,0.5)",
  },
  components: {
    ...squareBoxes,
    Button: {
      colorPrimary: "#2469b3",
      colorPrimaryHover: "#2f7acb",
      colorError: "#ff9c9e",
      colorErrorHover: "#ffb8b9",
    },
  },
};
