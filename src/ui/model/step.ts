/** Step 2 in the bar of steps, and why training cannot start yet. */
import { i18n } from '../../i18n/index.svelte.ts';
import type { Session } from '../../session/context.ts';
import type { StepState } from '../../session/step.ts';

/** The weights that the chosen recipe starts from are not at hand. */
export function weightsMissing({ backbones, recipe }: Session): boolean {
  const weights = backbones.find(recipe.backbone)?.weights;
  return recipe.strategy !== 'scratch' && weights?.source === 'none';
}

export function modelStep(session: Session): StepState {
  const { backbones, datasets, recipe, runs, training } = session;
  const t = i18n.t.common;
  if (recipe.invalid.length > 0) return { status: 'failed', note: t.modelWrongSettings };
  if (weightsMissing(session)) return { status: 'blocked', note: t.modelNoWeights };
  const title = backbones.find(recipe.backbone)?.title ?? recipe.backbone;
  const tried =
    training.active || runs.list.some(({ datasetId }) => datasetId === datasets.current?.id);
  return {
    status: tried ? 'done' : 'ready',
    note: t.modelNote(title, t.strategy[recipe.strategy]),
  };
}

/** Null when nothing stands in the way. */
export function whyBlocked(session: Session): string | null {
  const { backbones, datasets, device, recipe, training } = session;
  const t = i18n.t.model;
  if (training.active) return t.blockedRunning;
  if (datasets.importing) return t.blockedImporting;
  if (!datasets.current) return t.blockedData;
  if (recipe.invalid.length > 0) {
    return t.blockedSettings(recipe.invalid.map((name) => t.settings[name].label).join(', '));
  }
  if (weightsMissing(session)) {
    return t.blockedWeights(backbones.find(recipe.backbone)?.title ?? recipe.backbone);
  }
  if (device.error) return t.blockedNoDevice;
  if (!device.info) return t.blockedDevice;
  return null;
}
