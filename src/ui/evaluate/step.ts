/** What the bar of steps says of step 4. */
import { i18n } from '../../i18n/index.svelte.ts';
import type { Session } from '../../session/context.ts';
import { hasWeights } from '../../session/runs.svelte.ts';
import type { StepState } from '../../session/step.ts';

export function evaluateStep({ runs }: Session): StepState {
  const t = i18n.t.evaluate.step;
  const run = runs.selected;
  return hasWeights(run)
    ? { status: 'ready', note: t.ready(i18n.format.percent(run.best.valTop1)) }
    : { status: 'blocked', note: t.blocked };
}
