/** What every planned network must do, on one small enough for an emulated GPU. */
import { describe, expect, it } from 'vitest';
import {
  createGpuNetwork,
  type GpuNetwork,
  type NetworkKind,
} from '../../../src/model/gpu/gpu-network.ts';
import {
  gpuChoices,
  softwareChoices,
  type KernelChoices,
} from '../../../src/model/gpu/kernel-choices.ts';
import { planTraining, type PlanOptions } from '../../../src/model/gpu/step-plan.ts';
import { expectedShapes } from '../../../src/model/state-dict.ts';
import { evalCrops, evalTransform } from '../../../src/data/transforms/presets.ts';
import { torchAdam } from '../../../src/ops/optimizer/optimizer.wgsl.ts';
import { createRandom } from '../../../src/util/random.ts';
import { smallBackbone } from '../../bench/small-backbone.ts';
import { relativeError } from '../../support/gpu-maps.ts';
import { openNodeGpu } from '../../support/node-gpu.ts';
import { noisePicture } from '../../support/noise.ts';
import { seeded, seededState } from '../../support/seeded.ts';

const device = await openNodeGpu();
const [batch, size, classes] = [5, 17, 6];
const labels = Int32Array.from({ length: batch }, (_, i) => i);
const inputs = seeded('image', [batch, size, size, 3], 1.7);
const full: NetworkKind = { kind: 'full', train: { rule: torchAdam } };

async function open(
  choices: KernelChoices,
  change: Partial<PlanOptions> = {},
  kind = full,
): Promise<GpuNetwork> {
  const slabBytes = 2 ** 22;
  const options = { backbone: smallBackbone, classes, batch, size, choices, slabBytes, ...change };
  const network = await createGpuNetwork(gpu(), options, kind, createRandom(1));
  network.loadStateDict(seededState(expectedShapes(smallBackbone, classes)));
  return network;
}

function gpu(): GPUDevice {
  if (device === null) throw new Error('no device');
  return device;
}

describe.skipIf(device === null)('a small planned network', () => {
  it('has the same gradients with barriers and tiles as without, and in several slabs', async () => {
    const found = [];
    for (const [choices, slabBytes] of [
      [softwareChoices, 2 ** 22],
      [gpuChoices, 2 ** 22],
      [softwareChoices, 49152],
    ] as const) {
      const network = await open(choices, { slabBytes });
      network.setBatch({ count: batch, inputs, labels });
      await network.trainStep({ learningRate: 0 });
      found.push(await network.gradients());
      network.dispose();
    }
    const plan = planTraining(
      {
        ...{ backbone: smallBackbone, classes, batch, size },
        choices: softwareChoices,
        slabBytes: 49152,
      },
      { rule: torchAdam },
    );
    expect(plan.arena.slabs.length).toBeGreaterThan(1);
    const [plain, ...others] = found;
    for (const other of others) {
      expect([...other.keys()]).toEqual([...(plain?.keys() ?? [])]);
      for (const [name, { data }] of other) {
        expect(relativeError(data, plain?.get(name)?.data ?? []), name).toBeLessThan(2e-5);
      }
    }
  });

  it('makes its pictures of photos as the CPU does', async () => {
    const pictures = Array.from({ length: batch }, (_, id) => noisePicture([size + id, size], id));
    const crops = evalCrops(pictures, size);
    const photos = pictures.map((picture, i) => ({ ...picture, ...(crops[i] ?? expect.fail()) }));
    const pixels = evalTransform(pictures, size, smallBackbone.preprocessing);
    const network = await open(softwareChoices, {}, { kind: 'extractor' });
    const expected = await network.features({ count: batch, inputs: pixels });
    const made = await network.features({ count: batch, inputs: photos });
    const fewer = await network.features({ count: 2, inputs: photos.slice(3) });
    network.dispose();
    expect(relativeError(made, expected)).toBeLessThan(1e-6);
    expect(fewer).toEqual(made.slice(3 * smallBackbone.featureDim));
  });

  it('creates nothing and submits once in a steady step', async () => {
    const network = await open(softwareChoices);
    network.setBatch({ count: batch, inputs, labels });
    await network.trainStep({ learningRate: 0.1 });
    const creations = [
      'createBuffer',
      'createBindGroup',
      'createBindGroupLayout',
      'createComputePipelineAsync',
      'createShaderModule',
    ] as const;
    const counts: Record<string, number> = { submit: 0, mapAsync: 0 };
    const real = { ...Object.fromEntries(creations.map((name) => [name, gpu()[name]])) };
    const { submit } = gpu().queue;
    for (const name of creations) {
      counts[name] = 0;
      Object.assign(gpu(), {
        [name](...args: unknown[]) {
          counts[name] = (counts[name] ?? 0) + 1;
          return Reflect.apply(real[name] as () => unknown, gpu(), args);
        },
      });
    }
    gpu().queue.submit = (commands) => {
      counts.submit = (counts.submit ?? 0) + 1;
      return submit.call(gpu().queue, commands);
    };
    network.setBatch({ count: batch, inputs, labels });
    await network.trainStep({ learningRate: 0.1 });
    Object.assign(gpu(), real);
    gpu().queue.submit = submit;
    network.dispose();
    expect(counts).toEqual({
      submit: 1,
      mapAsync: 0,
      ...Object.fromEntries(creations.map((name) => [name, 0])),
    });
  });

  it('leaves frozen stages alone, statistics too, and sees through them as in evaluation', async () => {
    const frozen = await open(softwareChoices, { frozenStages: ['body'] });
    const given = { count: batch, inputs, labels };
    await frozen.collect(given);
    const before = await frozen.collected();
    frozen.setBatch(given);
    frozen.resetSums();
    await frozen.trainStep({ learningRate: 0.1, biasCorrection1: 0.1, biasCorrection2: 0.03 });
    const { stepLoss } = await frozen.sums();
    expect(stepLoss).toBeCloseTo(crossEntropy(before.logits), 4);
    expect([...(await frozen.gradients()).keys()]).toEqual(['fc.weight', 'fc.bias']);
    const { state } = await frozen.collected();
    const changed = [...state].filter(
      ([name, { data }]) => String(data) !== String(before.state.get(name)?.data),
    );
    expect(changed.map(([name]) => name)).toEqual(['fc.weight', 'fc.bias']);
    // What evaluation computed in between does not disturb the frozen part's constants.
    await frozen.collect(given);
    frozen.setBatch(given);
    await frozen.trainStep({ learningRate: 0 });
    await frozen.collect(given);
    const after = await frozen.collected();
    expect((await frozen.sums()).stepLoss).toBeCloseTo(crossEntropy(after.logits), 4);
    frozen.dispose();
  });

  it('trains on a smaller batch as a network planned for it', async () => {
    const losses = [];
    for (const planned of [batch, 3]) {
      const network = await open(softwareChoices, { batch: planned });
      const some = inputs.subarray(0, 3 * size * size * 3);
      network.setBatch({ count: 3, inputs: some, labels: labels.subarray(0, 3) });
      for (let step = 1; step <= 3; step++) await network.trainStep({ learningRate: 0.01 });
      losses.push((await network.sums()).stepLoss);
      network.dispose();
    }
    expect(losses[0]).toBeCloseTo(losses[1] ?? NaN, 4);
  });
});

/** Mean over the batch, of logits [batch, classes] and the labels above. */
function crossEntropy(logits: Float32Array): number {
  const rows = Array.from({ length: batch }, (_, n) => [
    ...logits.subarray(n * classes, (n + 1) * classes),
  ]);
  const losses = rows.map((row, n) => {
    const most = Math.max(...row);
    const sum = row.reduce((all, value) => all + Math.exp(value - most), 0);
    return Math.log(sum) + most - (row[labels[n] ?? 0] ?? NaN);
  });
  return losses.reduce((a, b) => a + b, 0) / batch;
}
