import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/protocol/errors.ts';
import { defaultNumWorkers, defaultRunConfig } from '../../src/protocol/run-defaults.ts';
import { strategies, type RunConfig } from '../../src/protocol/run.ts';
import { validateConfig } from '../../src/train/config.ts';

const config = (change: object = {}): RunConfig => ({ ...defaultRunConfig('d1'), ...change });

function refusedField(change: object): string | null {
  try {
    validateConfig(config(change));
    return null;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid-config') throw error;
    return (error as AppError<'invalid-config'>).params.field;
  }
}

describe('validateConfig', () => {
  it.each(strategies)('accepts the defaults of %s', (strategy) => {
    expect(() => validateConfig(defaultRunConfig('d1', strategy))).not.toThrow();
  });

  it.each([
    ['epochs', 0],
    ['epochs', 2.5],
    ['batchSize', 1],
    ['learningRate', 0],
    ['learningRate', Number.NaN],
    ['learningRate', '0.001'],
    ['imageSize', 16],
    ['views', 0],
    ['seed', -1],
    ['numWorkers', 99],
    ['backbone', 'resnet19'],
    ['strategy', 'toString'],
    ['augment', 'strong'],
    ['datasetId', ''],
  ])('names %s when it is %s', (field, value) => {
    expect(refusedField({ [field]: value })).toBe(field);
  });
});

describe('defaults', () => {
  it('fine-tune all layers with a tenth of the rate', () => {
    expect(defaultRunConfig('d1', 'head').learningRate).toBe(1e-3);
    expect(defaultRunConfig('d1', 'scratch').learningRate).toBe(1e-3);
    expect(defaultRunConfig('d1', 'all').learningRate).toBe(1e-4);
  });

  it('use at most four decode workers', () => {
    expect([1, 2, 8].map(defaultNumWorkers)).toEqual([1, 2, 4]);
  });
});
