/** What the bar of steps says of step 3. */
import { i18n } from '../../i18n/index.svelte.ts';
import type { Session } from '../../session/context.ts';
import { hasWeights } from '../../session/runs.svelte.ts';
import type { StepState } from '../../session/step.ts';
import { stageShort } from './words.ts';

export function trainStep({ training, runs, datasets }: Session): StepState {
  const t = i18n.t.train;
  if (training.active) {
    const stage = stageShort(i18n.t, training.stage);
    const left = training.secondsLeft;
    return {
      status: 'running',
      note: left === null ? stage : `${stage} · ${t.timeLeft(i18n.format.duration(left))}`,
    };
  }
  if (training.orphanError) return { status: 'failed', note: t.step.failed };
  const run = runs.selected;
  if (run?.status === 'interrupted') return { status: 'ready', note: t.step.interrupted };
  if (hasWeights(run)) {
    return { status: 'done', note: t.step.done(i18n.format.percent(run.best.valTop1)) };
  }
  if (run?.status === 'failed') return { status: 'failed', note: t.step.failed };
  return datasets.current
    ? { status: 'ready', note: t.step.ready }
    : { status: 'blocked', note: t.step.blocked };
}
