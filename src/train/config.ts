/** A run's settings, checked before anything is loaded: whoever sends them, nothing absurd runs. */
import { backboneNames } from '../protocol/backbone.ts';
import { AppError } from '../protocol/errors.ts';
import { runRanges, type NumericSetting } from '../protocol/run-defaults.ts';
import { augmentations, strategies, type RunConfig } from '../protocol/run.ts';

export function validateConfig(config: RunConfig): void {
  const { datasetId, backbone, strategy, augment } = config;
  if (typeof datasetId !== 'string' || datasetId === '') {
    throw invalid('datasetId', datasetId, 'the id of a dataset');
  }
  requireOneOf('backbone', backbone, backboneNames);
  requireOneOf('strategy', strategy, strategies);
  requireOneOf('augment', augment, augmentations);
  for (const field of Object.keys(runRanges) as NumericSetting[]) requireInRange(field, config);
}

function requireOneOf(field: string, found: string, known: readonly string[]): void {
  if (!known.includes(found)) throw invalid(field, found, known.join(' | '));
}

function requireInRange(field: NumericSetting, config: RunConfig): void {
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
