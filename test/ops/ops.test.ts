import { beforeAll, describe } from 'vitest';
import { useBackend } from '../support/backends.ts';
import { describeOps } from './parity.ts';

beforeAll(() => useBackend('wasm'));

describe('on WASM', () => {
  describeOps();
});
