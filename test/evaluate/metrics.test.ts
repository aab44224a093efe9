import { describe, expect, it } from 'vitest';
import {
  argmax,
  crossEntropy,
  softmax,
  topKAccuracy,
  wilsonInterval,
  type Outputs,
} from '../../src/evaluate/metrics.ts';

function outputs(rows: number[][], labels: number[]): Outputs {
  return {
    ids: labels.map((_, n) => n),
    labels: Int32Array.from(labels),
    logits: Float32Array.from(rows.flat()),
    classes: rows[0]?.length ?? 0,
  };
}

const four = outputs(
  [
    [2, 1, 0],
    [0, 3, 1],
    [1, 0, 2],
    [5, 1, 1],
  ],
  [0, 2, 2, 1],
);

describe('topKAccuracy', () => {
  it('counts photos', () => {
    expect(topKAccuracy(four, 1)).toBe(0.5);
    expect(topKAccuracy(four, 2)).toBe(1); // the tie of the last row goes to the first class
    expect(topKAccuracy(four, 3)).toBe(1);
  });

  it('gives a tie to the first class, as argmax does', () => {
    expect(topKAccuracy(outputs([[1, 1]], [0]), 1)).toBe(1);
    expect(topKAccuracy(outputs([[1, 1]], [1]), 1)).toBe(0);
  });

  it('never counts NaN as right', () => {
    const nan = [Number.NaN, Number.NaN];
    expect(topKAccuracy(outputs([nan, nan], [0, 1]), 1)).toBe(0);
  });
});

describe('crossEntropy', () => {
  it('is that of torch.nn.functional.cross_entropy', () => {
    expect(crossEntropy(four)).toBeCloseTo(1.755258560180664, 6);
  });

  it('stands large logits', () => {
    expect(crossEntropy(outputs([[1000, 0]], [0]))).toBe(0);
  });
});

describe('softmax and argmax', () => {
  it('sum to one and point at the highest', () => {
    const probabilities = softmax([1, 3, 2]);
    expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(probabilities[1]).toBeCloseTo(0.6652409557748219, 12);
    expect(argmax(probabilities)).toBe(1);
    expect(argmax([4, 4])).toBe(0);
  });
});

describe('wilsonInterval', () => {
  it.each([
    [94, 96, 0.9271928648221579, 0.9942680301475697],
    [0, 10, 0, 0.2775327998628892],
    [10, 10, 0.7224672001371107, 1],
    [1, 2, 0.09453120573423074, 0.9054687942657693],
  ])('of %i in %i', (hits, count, expectedLow, expectedHigh) => {
    const [low, high] = wilsonInterval(hits, count);
    expect(low).toBeCloseTo(expectedLow, 9);
    expect(high).toBeCloseTo(expectedHigh, 9);
  });

  it('says nothing about no photos', () => {
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  });
});
