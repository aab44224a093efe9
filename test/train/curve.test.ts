import { beforeAll, describe } from 'vitest';
import { useBackend } from '../support/backends.ts';
import { describeCurve } from './curve.ts';

beforeAll(() => useBackend('wasm'));

describe('on WASM', () => {
  describeCurve();
});
