import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { createWalkedEngine } from '../../src/train/engine.ts';
import { useBackend } from '../support/backends.ts';
import { describeTrainers } from './trainers.ts';

beforeAll(() => useBackend('wasm'));

describe('on WASM', () => {
  describeTrainers({
    open: (options) => Promise.resolve(createWalkedEngine(options, null)),
    memory() {
      const { numTensors, numBytes } = tf.memory();
      return { numTensors, numBytes };
    },
  });
});
