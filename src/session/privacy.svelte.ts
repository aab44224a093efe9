/**
 * What the browser itself counted about where this page reaches: requests by address (the resource
 * timeline), attempts that the content security policy stopped, and whether that policy is there.
 * Workers keep timelines of their own, which a page cannot read; they are bound by the policy that
 * is served with their files.
 */
import { isOwn, restrictsConnections } from './reach.ts';

export class PrivacySession {
  own = $state(0);
  elsewhere = $state(0);
  blocked = $state(0);
  policy = $state<'unknown' | 'on' | 'off'>('unknown');

  /** Begins to count; what was fetched before is in the timeline already. */
  start(): void {
    new PerformanceObserver((list) => this.#count(list.getEntries())).observe({
      type: 'resource',
      buffered: true,
    });
    document.addEventListener('securitypolicyviolation', () => this.blocked++);
  }

  /** Asks our own server for this page's headers: the only way to see the policy from inside. */
  async check(): Promise<void> {
    if (this.policy !== 'unknown') return;
    try {
      const response = await fetch(location.pathname, { method: 'HEAD', cache: 'no-store' });
      this.policy = restrictsConnections(response.headers.get('content-security-policy'))
        ? 'on'
        : 'off';
    } catch {
      this.policy = 'unknown';
    }
  }

  #count(entries: readonly PerformanceEntry[]): void {
    for (const { name } of entries) {
      if (name.startsWith('data:')) continue;
      if (isOwn(name, location)) this.own++;
      else this.elsewhere++;
    }
  }
}
