/** Batch norm's backward pass on a GPU, as its tests need it: sums, coefficients, gradients. */
import {
  finalizeGradient,
  gradientApply,
  gradientPartials,
  gradientSums,
} from '../../src/ops/batch_norm/gradient.wgsl.ts';
import type { Chunks } from '../../src/ops/gpu/chunks.ts';
import { padded } from '../../src/ops/gpu/program.ts';
import type { Sink } from '../../src/ops/gpu/sink.ts';
import type { Shape4 } from './batch-norm-on-gpu.ts';
import { mapsIn } from './half-maps.ts';
import { run } from './on-gpu.ts';

export interface BackwardInput {
  readonly sink: Sink;
  readonly size: Shape4;
  readonly chunks: Chunks;
  readonly dy: Float32Array;
  readonly y?: Float32Array;
  readonly targets: readonly { z: Float32Array; coef: Float32Array }[];
  readonly barriers?: boolean;
  readonly inPlace?: boolean;
  readonly plannedBatch?: number;
  readonly statistics?: 'batch' | 'running';
}

/** In the sink's storage. The masked gradient, and of each target what is left after finalize and apply. */
export async function backward(input: BackwardInput) {
  const { sink, size, chunks, dy, y, targets, barriers = true, inPlace = false } = input;
  const [batch, height, width, channels] = size;
  const { plannedBatch = batch, statistics = 'batch' } = input;
  const shape = { batch: plannedBatch, channels, chunks, sink };
  const { storage = 'f32' } = sink;
  const { encode, decode } = mapsIn[storage];
  const maps = Object.fromEntries(
    targets.flatMap(({ z, coef }, t) => [
      [`z${t}`, encode(z, channels)] as const,
      [`z${t}Coef`, coef] as const,
    ]),
  );
  const buffers = {
    g: encode(dy, channels),
    ...(y ? { y: encode(y, channels) } : {}),
    ...maps,
    partials: gradientPartials(shape),
  };
  const sums = await run(gradientSums(shape), buffers, batch);
  const g = sums('g');
  const results = [];
  for (const [target, { z, coef }] of targets.entries()) {
    const finalized = await run(
      finalizeGradient({
        ...shape,
        rowsPerImage: height * width,
        parts: chunks,
        target,
        barriers,
        statistics,
      }),
      {
        partials: sums('partials'),
        coef,
        dWeight: channels,
        dBias: channels,
        back: padded(channels) * 4,
      },
      batch,
    );
    const dz = inPlace ? {} : { dz: g.length };
    const applied = await run(
      gradientApply({
        batch: plannedBatch,
        channels,
        rowsPerImage: height * width,
        inPlace,
        storage,
      }),
      { g, z: encode(z, channels), back: finalized('back'), ...dz },
      batch,
    );
    results.push({
      dz: decode(applied(inPlace ? 'g' : 'dz'), channels),
      dWeight: finalized('dWeight'),
      dBias: finalized('dBias'),
    });
  }
  return { g: decode(g, channels), results };
}
