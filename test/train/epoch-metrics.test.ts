import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEpochMeter } from '../../src/train/epoch-metrics.ts';
import { useBackend } from '../support/backends.ts';

beforeAll(() => useBackend('wasm'));

describe('createEpochMeter', () => {
  it('weighs by photos, not by batches', async () => {
    const before = tf.memory().numTensors;
    const meter = createEpochMeter();
    meter.add(tf.scalar(1), tf.scalar(6), 8);
    meter.add(tf.scalar(4), tf.scalar(0), 2);
    expect(await meter.totals()).toEqual({
      loss: expect.closeTo(1.6, 6),
      top1: expect.closeTo(0.6, 6),
      count: 10,
    });
    meter.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('reads the running loss from the device three times a second at most', async () => {
    let clock = 0;
    const meter = createEpochMeter(() => clock);
    expect(await meter.peek()).toBeNull();
    meter.add(tf.scalar(2), tf.scalar(0), 4);
    expect(await meter.peek()).toBe(2);
    meter.add(tf.scalar(4), tf.scalar(0), 4);
    clock = 299;
    expect(await meter.peek()).toBe(2);
    clock = 301;
    expect(await meter.peek()).toBe(3);
    meter.dispose();
  });
});
