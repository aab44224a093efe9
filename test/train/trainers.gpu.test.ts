import { describe, expect, it } from 'vitest';
import { createGpuCounter, gpuBytes } from '../../src/device/counters.ts';
import { softwareChoices } from '../../src/model/gpu/kernel-choices.ts';
import { createPlannedEngine, type Engine, type EngineOptions } from '../../src/train/engine.ts';
import { createTrainer } from '../../src/train/strategies.ts';
import { createRandom } from '../../src/util/random.ts';
import { openNodeGpu } from '../support/node-gpu.ts';
import { classes, colours, size, tinyBackbone, tinyConfig } from './support.ts';
import { describeTrainers } from './trainers.ts';

const device = await openNodeGpu();

function open(options: EngineOptions): Promise<Engine> {
  if (device === null) throw new Error('no device');
  return createPlannedEngine(device, options, () => Promise.resolve(softwareChoices));
}

describe.skipIf(device === null)('on a GPU', () => {
  describeTrainers({ open, memory: gpuBytes });

  it('is read once an epoch beside its losses', async () => {
    const config = tinyConfig({ strategy: 'all' });
    const engine = await open({
      ...{ backbone: tinyBackbone, classes, imageSize: size, batchSize: config.batchSize },
      headOnly: false,
      random: createRandom(1),
    });
    const source = colours({ train: 24, val: 20, batchSize: config.batchSize });
    const random = createRandom(2);
    const features = { get: () => null, set: () => undefined };
    const trainer = createTrainer({ engine, source, config, random, features });
    const context = { signal: new AbortController().signal, onTick: () => undefined };
    await trainer.trainEpoch(1, context);
    const counter = createGpuCounter();
    const { logits } = await trainer.validate(1, context);
    await trainer.weights();
    await trainer.optimizerState();
    expect(logits).toHaveLength(20 * classes);
    expect(counter.read().readBacks).toBe(1);
    engine.dispose();
  });
});
