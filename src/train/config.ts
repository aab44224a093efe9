/** A run's settings, checked before anything is loaded: whoever sends them, nothing absurd runs. */
import { backboneNames } from '../protocol/backbone.ts';
import { AppError } from '../protocol/errors.ts';
import type { ProfileTask } from '../protocol/profile.ts';
import { runRanges, type NumericSetting } from '../protocol/run-defaults.ts';
import { augmentations, precisions, strategies, type RunConfig } from '../protocol/run.ts';

export function validateConfig(config: RunConfig): void {
  const { datasetId, backbone, strategy, augment, precision } = config;
  if (typeof datasetId !== 'string' || datasetId === '') {
    throw invalid('datasetId', datasetId, 'the id of a dataset');
  }
  requireOneOf('backbone', backbone, backboneNames);
  requireOneOf('strategy', strategy, strategies);
  requireOneOf('augment', augment, augmentations);
  requireOneOf('precision', precision, precisions);
  for (const field of Object.keys(runRanges) as NumericSetting[]) requireInRange(field, config);
}

/** Any classes and sizes that a run may have. */
export function validateTask(task: ProfileTask): void {
  requireOneOf('backbone', task.backbone, backboneNames);
  for (const field of ['batchSize', 'imageSize'] as const) requireInRange(field, task);
  const { classes } = task;
  if (!Number.isInteger(classes) || classes < 2) {
    throw invalid('classes', classes, 'a whole number, at least 2');
  }
}

function requireOneOf(field: string, found: string, known: readonly string[]): void {
  if (!known.includes(found)) throw invalid(field, found, known.join(' | '));
}

function requireInRange<F extends NumericSetting>(
  field: F,
  config: Readonly<Record<F, number>>,
): void {
  const { min, max, whole } = runRanges[field];
  const found: unknown = config[field];
  const fits =
    typeof found === 'number' &&
    found >= min &&
    found <= max &&
    (!whole || Number.isInteger(found));
  if (!fits) throw invalid(field, found, `${whole ? 'a whole number, ' : ''}${min} to ${max}`);
}

function invalid(field: string, found: unknown, expected: string): AppError {
  return new AppError('invalid-config', { field, found: String(found), expected });
}
