/** Batch norm's forward pass on a GPU, as its tests need it: seeded parameters, unpadded results. */
import {
  finalizeStatistics,
  statistics,
  statisticsPartials,
} from '../../src/ops/batch_norm/statistics.wgsl.ts';
import type { Chunks } from '../../src/ops/gpu/chunks.ts';
import { padded } from '../../src/ops/gpu/program.ts';
import type { Storage } from '../../src/ops/gpu/map.ts';
import { coefficientRowCount, coefficientRows } from '../../src/ops/gpu/source.ts';
import type { Activation } from '../../src/ops/kernels.ts';
import { mapsIn } from './half-maps.ts';
import { run } from './on-gpu.ts';
import { seeded } from './seeded.ts';

export type Shape4 = [number, number, number, number];

/** Parameters and running statistics, as the golden values were made from. */
export function trainedOn(channels: number, activation: Activation = 'linear') {
  const wide = activation === 'relu6'; // so that both of its bounds are met
  return {
    weight: seeded('weight', [channels], wide ? 1 : 0.5, wide ? 3 : 1),
    bias: seeded('bias', [channels], wide ? 1 : 0.5, wide ? 3 : 0),
    mean: seeded('m', [channels]),
    variance: seeded('v', [channels], 0.5, 1),
    eps: 1e-3,
    momentum: 0.1,
  };
}

export interface NormalizeOptions {
  readonly chunks: Chunks;
  readonly barriers: boolean;
  readonly plannedBatch?: number; // the batch that the programs are made for, if not z's own
  readonly trained?: ReturnType<typeof trainedOn>;
  readonly storage?: Storage;
}

/** z [N,H,W,C] → its coefficients, the running statistics after it, and y = z * scale + shift. */
export async function normalize(z: Float32Array, size: Shape4, options: NormalizeOptions) {
  const [batch, , , channels] = size;
  const { chunks, barriers, plannedBatch = batch, trained = trainedOn(channels) } = options;
  const { weight, bias, eps, momentum } = trained;
  const { storage = 'f32' } = options;
  const shape = { batch: plannedBatch, channels, chunks, storage };
  const partials = (
    await run(
      statistics(shape),
      { z: mapsIn[storage].encode(z, channels), partials: statisticsPartials(shape) },
      batch,
    )
  )('partials');
  const stored = padded(channels);
  const found = await run(
    finalizeStatistics({ ...shape, eps, momentum, barriers }),
    {
      partials,
      weight,
      bias,
      runningMean: trained.mean,
      runningVariance: trained.variance,
      coef: stored * coefficientRowCount,
    },
    batch,
  );
  const coef = found('coef');
  const row = (name: keyof typeof coefficientRows) => {
    const start = coefficientRows[name] * stored;
    return coef.subarray(start, start + channels);
  };
  const scale = row('scale');
  const shift = row('shift');
  return {
    coef,
    mean: row('mean'),
    invStd: row('invStd'),
    runningMean: found('runningMean'),
    runningVariance: found('runningVariance'),
    y: z.map((value, i) => value * (scale[i % channels] ?? NaN) + (shift[i % channels] ?? NaN)),
  };
}
