import { expect, test } from 'vitest';
import { seeded } from './seeded.ts';

// From seeded.py: print(seeded("image", (4,), 1.7, 0.25).tolist()), and the 100,000th of "w".
test('is bit-equal to the Python side', () => {
  expect([...seeded('image', [4], 1.7, 0.25)]).toEqual([
    -1.1028215885162354, -0.6909968852996826, 0.6725624799728394, 1.8131310939788818,
  ]);
  expect(seeded('w', [100_000])[99_999]).toBe(0.7452770471572876);
});
