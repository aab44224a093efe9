/** The baseline is honest: stock TF.js computes the same steps as our engine, and we count it right. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseDevice } from '../../src/device/choose.ts';
import { backbones } from '../../src/model/backbones/index.ts';
import { createGpuMeter, type GpuMeter } from './gpu-meter.ts';
import { ourFeatures, ourStep } from './ours.ts';
import { smallBackbone } from './small-backbone.ts';
import { stockFeatures } from './stock-features.ts';
import { missingGradients, stockStep } from './stock.ts';
import { createBatch, type Batch, type Workload } from './workload.ts';

async function results(workload: Workload, steps: number): Promise<number[][]> {
  const all: number[][] = [];
  for (let step = 0; step < steps; step++) {
    const result = await workload.run();
    all.push(Array.from(await result.data()));
    result.dispose();
  }
  workload.dispose();
  return all;
}

describe('on WebGPU', () => {
  let meter: GpuMeter;
  let batch: Batch;
  beforeAll(async () => {
    meter = createGpuMeter();
    await chooseDevice('webgpu');
    batch = createBatch({ batch: 4, size: 16 });
  });
  afterAll(() => batch.images.dispose());

  it('stock loses as we do, step after step', async () => {
    const ours = (await results(await ourStep(smallBackbone, batch), 3)).flat();
    const stock = (await results(stockStep(smallBackbone, batch), 3)).flat();
    expect(ours).toHaveLength(3);
    expect(ours[2]).not.toBeCloseTo(ours[0] ?? NaN, 4); // it trains
    ours.forEach((loss, step) => expect(stock[step], `step ${step}`).toBeCloseTo(loss, 4));
  });

  it('stock finds the same features', async () => {
    const [ours = []] = await results(await ourFeatures(smallBackbone, batch), 1);
    const [stock = []] = await results(stockFeatures(smallBackbone, batch), 1);
    expect(ours).toHaveLength(4 * smallBackbone.featureDim);
    expect(Math.max(...ours)).toBeGreaterThan(0.01);
    ours.forEach((value, i) => expect(stock[i]).toBeCloseTo(value, 4));
  });

  it('counts one product as what it is', async () => {
    const a = tf.ones([64, 64]);
    const multiply = async () => {
      const product = tf.matMul(a, a);
      await product.data();
      product.dispose();
    };
    await multiply(); // uploads, makes what stays
    meter.reset();
    await multiply();
    const { dispatches, submits, bindGroups, uploadBytes, boundBytes } = meter.read();
    expect({ dispatches, submits, bindGroups }).toEqual({
      dispatches: 1,
      submits: 1,
      bindGroups: 1,
    });
    expect(uploadBytes).toBeGreaterThan(0); // the uniforms alone
    expect(uploadBytes).toBeLessThan(1024);
    expect(boundBytes - 3 * 64 * 64 * 4).toBe(uploadBytes); // two factors, product, uniforms
    a.dispose();
  });

  it('leaves no kernel running when dry', async () => {
    const a = tf.ones([80, 80]); // no other tensor has this size: its buffer is a new one, of zeros
    meter.skipKernels();
    meter.reset();
    const product = tf.matMul(a, a);
    expect((await product.data()).every((value) => value === 0)).toBe(true);
    expect(meter.read().dispatches).toBeGreaterThan(0);
    tf.dispose([a, product]);
  });

  it('counts for stock what is known of its ResNet-18 step', async () => {
    const images = createBatch({ batch: 4, size: 64 });
    const workload = stockStep(backbones.resnet18, images);
    const step = async () => {
      const loss = await workload.run();
      await loss.data();
      loss.dispose();
    };
    await step(); // makes what stays
    meter.reset();
    await step(); // dry, since the test before
    const { dispatches, submits, bindGroups } = meter.read();
    expect({ dispatches, submits, bindGroups }).toEqual({
      dispatches: 2007,
      submits: 134,
      bindGroups: 2007,
    });
    workload.dispose();
    images.images.dispose();
  });
});

describe('on WASM', () => {
  it('says what stock lacks to train', async () => {
    await chooseDevice('wasm');
    expect(missingGradients(smallBackbone)).toContain('Conv2DBackpropFilter');
  });
});
