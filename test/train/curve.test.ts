import { beforeAll, describe } from 'vitest';
import { createWalkedEngine } from '../../src/train/engine.ts';
import { useBackend } from '../support/backends.ts';
import { describeCurve } from './curve.ts';

beforeAll(() => useBackend('wasm'));

describe('on WASM', () => {
  describeCurve((options) => Promise.resolve(createWalkedEngine(options, null)));
});
