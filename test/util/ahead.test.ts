import { describe, expect, it } from 'vitest';
import { mapAhead } from '../../src/util/ahead.ts';

async function* numbers(count: number, onTaken: (n: number) => void = () => undefined) {
  for (let n = 0; n < count; n++) {
    onTaken(n);
    yield await Promise.resolve(n);
  }
}

describe('mapAhead', () => {
  it.each([1, 2, 5, 50])('keeps the order whatever ends first, %i at a time', async (ahead) => {
    let [busy, most] = [0, 0];
    const work = async (n: number) => {
      most = Math.max(most, ++busy);
      await new Promise((resolve) => setTimeout(resolve, 3 * (10 - n)));
      busy--;
      return n * n;
    };
    const seen = [];
    for await (const pair of mapAhead(numbers(10), ahead, work)) seen.push(pair);
    expect(seen).toEqual(Array.from({ length: 10 }, (_, n) => [n, n * n]));
    expect(most).toBe(Math.min(10, ahead));
  });

  it('fails in its turn, takes no more, and lets the stream clean up', async () => {
    const taken: number[] = [];
    const work = (n: number) => (n === 1 ? Promise.reject(new Error('one')) : Promise.resolve(n));
    const seen: number[] = [];
    const all = async () => {
      for await (const [n] of mapAhead(
        numbers(9, (n) => taken.push(n)),
        2,
        work,
      ))
        seen.push(n);
    };
    await expect(all()).rejects.toThrow('one');
    expect(seen).toEqual([0]);
    expect(taken.length).toBeLessThan(5);
  });
});
