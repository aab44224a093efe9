import { beforeAll, describe } from 'vitest';
import { useBackend } from '../support/backends.ts';
import { describeParity } from './parity.ts';

beforeAll(() => useBackend('webgpu'));

describe('on WebGPU', () => {
  describeParity();
});
