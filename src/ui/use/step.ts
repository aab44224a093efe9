/** What the bar of steps says of step 5. */
import { i18n } from '../../i18n/index.svelte.ts';
import type { Session } from '../../session/context.ts';
import { hasWeights } from '../../session/runs.svelte.ts';
import type { StepState } from '../../session/step.ts';

export function useStep({ runs }: Session): StepState {
  const t = i18n.t.use.step;
  return hasWeights(runs.selected)
    ? { status: 'ready', note: t.ready }
    : { status: 'blocked', note: t.blocked };
}
