/** Keeps a choice of how the console looks on this device. Nothing else is ever stored in a browser. */
export function writePreference(name: "language" | "appearance", value: string): void {
  try {
    localStorage.setItem(`datapact.${name}`, value);
  } catch {
    // a browser that stores nothing asks again next time
  }
}

export function readPreference(name: "language" | "appearance"): string | null {
  try {
    return localStorage.getItem(`datapact.${name}`);
  } catch {
    return null;
  }
}
