/** Step 1 in the bar of steps. */
import { i18n } from '../../i18n/index.svelte.ts';
import type { Session } from '../../session/context.ts';
import type { StepState } from '../../session/step.ts';
import { datasetName } from '../parts/dataset-name.ts';

export function dataStep({ datasets }: Session): StepState {
  const t = i18n.t.common;
  const { importing, current } = datasets;
  if (importing) {
    const { done = 0, total = 0 } = importing.progress ?? {};
    return { status: 'running', note: t.importing(done, total) };
  }
  if (!current) return { status: datasets.error ? 'failed' : 'ready', note: t.noData };
  const { train, val, test } = current.counts;
  return {
    status: 'done',
    note: t.dataNote(datasetName(current), current.classes.length, train + val + test),
  };
}
