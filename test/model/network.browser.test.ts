import { beforeAll, describe } from 'vitest';
import { useBackend } from '../support/backends.ts';
import { describeParity } from './parity.ts';

beforeAll(() => useBackend('webgpu'));

describe('on WebGPU', () => {
  describeParity(['resnet18']); // the others' ops are held to PyTorch one by one, in ops.browser.test.ts
});
