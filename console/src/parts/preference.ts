type Name = "language" | "appearance" | "session" | "demo" | "manifest";

/**
 * Keeps on this device how the console looks, that a session was opened, which deployment is pinned, and what lets a demo's identities be used.
 * Nothing else is ever stored in a browser.
 */
export function writePreference(name: Name, value: string): void {
  try {
    localStorage.setItem(`datapact.${name}`, value);
  } catch {
    // a browser that stores nothing asks again next time
  }
}

export function readPreference(name: Name): string | null {
  try {
    return localStorage.getItem(`datapact.${name}`);
  } catch {
    return null;
  }
}
