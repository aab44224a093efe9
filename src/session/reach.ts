/** How far a page may reach, and has reached: addresses and content security policies. */

/** Whether an address is of the page's own origin; a blob's origin is the one that made it. */
export function isOwn(
  address: string,
  { href, origin }: { href: string; origin: string },
): boolean {
  return new URL(address, href).origin === origin;
}

/** Whether a policy keeps connections to the page's own address (and to its own blobs). */
export function restrictsConnections(policy: string | null): boolean {
  const directives = new Map(
    (policy ?? '').split(';').map((directive) => {
      const [name = '', ...sources] = directive.trim().split(/\s+/);
      return [name, sources];
    }),
  );
  const sources = directives.get('connect-src') ?? directives.get('default-src');
  const harmless = ["'self'", "'none'", 'blob:', 'data:'];
  return sources !== undefined && sources.every((source) => harmless.includes(source));
}
