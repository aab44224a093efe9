import { describe, expect, it } from 'vitest';
import { computeWorkers } from '../../src/device/cpu.ts';

describe('computeWorkers', () => {
  it.each([
    [{ cores: 2, memoryGiB: 8 }, 2],
    [{ cores: 8, memoryGiB: 8 }, 8],
    [{ cores: 64, memoryGiB: null }, 16],
    [{ cores: 8, memoryGiB: 2 }, 2], // a phone
    [{ cores: 4, memoryGiB: 0.25 }, 1],
    [{ cores: 1, memoryGiB: 8 }, 1],
  ])('%o: %i', (cpu, expected) => expect(computeWorkers(cpu)).toBe(expected));
});
