import { describe, expect, it } from 'vitest';
import { classReport, confusionMatrix } from '../../src/evaluate/confusion.ts';

const pairs = [
  [0, 0],
  [0, 0],
  [0, 1],
  [1, 1],
  [1, 1],
  [1, 1],
  [2, 0],
].map(([label = 0, predicted = 0]) => ({ label, predicted }));

describe('confusionMatrix', () => {
  it('has the true class in rows and the predicted one in columns', () => {
    expect(confusionMatrix(pairs, 4)).toEqual([
      [2, 1, 0, 0],
      [0, 3, 0, 0],
      [1, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });
});

describe('classReport', () => {
  const report = classReport(confusionMatrix(pairs, 4));

  it('is that of precision_recall_fscore_support, worked out by hand', () => {
    expect(report[0]).toEqual({ precision: 2 / 3, recall: 2 / 3, f1: 4 / 6, support: 3 });
    expect(report[1]).toEqual({ precision: 3 / 4, recall: 1, f1: 6 / 7, support: 3 });
  });

  it('is null where nothing was predicted or nothing is there', () => {
    expect(report[2]).toEqual({ precision: null, recall: 0, f1: 0, support: 1 });
    expect(report[3]).toEqual({ precision: null, recall: null, f1: null, support: 0 });
  });
});
