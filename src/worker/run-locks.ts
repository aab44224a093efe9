/**
 * A Web Lock for each run that is being trained. The browser gives it back when the tab or worker
 * dies, so a run that says 'running' and holds no lock was interrupted; and two tabs never train
 * the same one.
 */
import { AppError } from '../protocol/errors.ts';
import type { Run } from '../protocol/run.ts';

const prefix = 'graft-run-';

/** Throws 'busy' where another tab has the run. */
export function withRunLock<T>(runId: string, work: () => Promise<T>): Promise<T> {
  return navigator.locks.request(prefix + runId, { ifAvailable: true }, (lock) => {
    if (!lock) throw new AppError('busy', { runId });
    return work();
  });
}

/** Tells interrupted runs from running ones. */
export async function withLiveStatus(runs: readonly Run[]): Promise<Run[]> {
  const { held = [] } = await navigator.locks.query();
  const names = new Set(held.map(({ name }) => name));
  return runs.map((run) =>
    run.status === 'running' && !names.has(prefix + run.id)
      ? { ...run, status: 'interrupted' }
      : run,
  );
}
