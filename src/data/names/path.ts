/** Names of files in an archive, taken apart; whatever could point outside the archive is refused. */

/** The folders and the file name, or null where the name is unsafe or says nothing. */
export function splitPath(name: string): string[] | null {
  if (name.includes('\0')) return null;
  const path = name.replaceAll('\\', '/');
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return null;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 || parts.includes('..') ? null : parts;
}

/** By code point and not by locale, so that every machine numbers the classes alike. */
export function compareCodePoints(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i < end && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === end) return a.length - b.length;
  return (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0);
}
