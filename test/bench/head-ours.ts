/** Graft's head trainer with its feature workers, from nothing. */
import { computeWorkers, thisCpu } from '../../src/device/cpu.ts';
import type { Backbone } from '../../src/model/graph.ts';
import { defaultRunConfig } from '../../src/protocol/run-defaults.ts';
import { gpuDevice } from '../../src/device/choose.ts';
import { choicesFor } from '../../src/model/gpu/kernel-choices.ts';
import { createPlannedEngine, createWalkedEngine } from '../../src/train/engine.ts';
import type { Features } from '../../src/train/feature-cache.ts';
import { createHeadTrainer } from '../../src/train/head-trainer.ts';
import type { PhotoSource } from '../../src/train/trainer.ts';
import { createRandom } from '../../src/util/random.ts';
import { classes, weightSeed } from './workload.ts';

const spawn = () =>
  new Worker(new URL('../../src/worker/feature.worker.ts', import.meta.url), { type: 'module' });

export async function ourHead(
  backbone: Backbone,
  source: PhotoSource,
  options: { batch: number; epochs: number; onWasm: boolean },
): Promise<{ workers: number; featuresMs: number; epochsMs: number }> {
  const { batch, epochs, onWasm } = options;
  const count = onWasm ? computeWorkers(thisCpu()) : 1;
  const engineOptions = {
    ...{ backbone, classes, batchSize: batch, imageSize: source.imageSize, headOnly: true },
    random: createRandom(weightSeed),
  };
  const gpu = gpuDevice();
  const engine = gpu
    ? await createPlannedEngine(gpu, engineOptions, () => Promise.resolve(choicesFor(gpu)))
    : createWalkedEngine(engineOptions, count > 1 ? { spawn, count } : null);
  let kept: Features | null = null;
  const trainer = createHeadTrainer({
    engine,
    source,
    config: { ...defaultRunConfig('bench'), augment: 'none', batchSize: batch, epochs },
    random: createRandom(weightSeed),
    features: { get: () => kept, set: (features) => (kept = features) },
  });
  const context = { signal: new AbortController().signal, onTick: () => undefined };
  const start = performance.now();
  await trainer.prepare(context);
  const ready = performance.now();
  for (let epoch = 1; epoch <= epochs; epoch++) await trainer.trainEpoch(epoch, context);
  const end = performance.now();
  engine.dispose();
  return { workers: count, featuresMs: ready - start, epochsMs: end - ready };
}
