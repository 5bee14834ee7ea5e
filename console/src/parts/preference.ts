/** Keeps on this device how the console looks, and that a session was opened. Nothing else is ever stored in a browser. */
export function writePreference(name: "language" | "appearance" | "session", value: string): void {
  try {
    localStorage.setItem(`datapact.${name}`, value);
  } catch {
    // a browser that stores nothing asks again next time
  }
}

export function readPreference(name: "language" | "appearance" | "session"): string | null {
  try {
    return localStorage.getItem(`datapact.${name}`);
  } catch {
    return null;
  }
}
