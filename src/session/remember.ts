/**
 * Small choices kept in localStorage: language, theme, the dataset that was open. Storage that is
 * blocked or full costs the memory, never the page.
 */
const prefix = 'graft.';

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, value);
  } catch {
    // private windows and full disks refuse: the choice then lasts as long as the page
  }
}
