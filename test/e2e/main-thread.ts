/** How long the page's main thread is busy at a stretch, by Chromium's own trace. */
import type { Page } from '@playwright/test';

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  tdur?: number; // microseconds of the thread's own time
  args?: { name?: string };
}

export interface MainThread {
  /** The longest tasks since the watch began, ms of the thread's time, longest first. */
  longestTasks(count?: number): Promise<number[]>;
}

export async function watchMainThread(page: Page): Promise<MainThread> {
  const browser = page.context().browser();
  if (!browser) throw new Error('no browser to trace');
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  return {
    async longestTasks(count = 10) {
      const trace = (await browser.stopTracing()).toString('utf8');
      const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
      const mains = new Set(
        traceEvents
          .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
          .map(({ pid, tid }) => `${pid}:${tid}`),
      );
      return traceEvents
        .filter(({ ph, pid, tid }) => ph === 'X' && mains.has(`${pid}:${tid}`))
        .map(({ tdur }) => (tdur ?? 0) / 1000)
        .sort((a, b) => b - a)
        .slice(0, count);
    },
  };
}
