import { expect, test } from 'vitest';
import { epochRange, epochSplits, valueRange } from '../../../src/ui/charts/line-chart.ts';

test('accuracy is drawn between tens of percent, never outside 0 to 100', () => {
  expect(valueRange('percent', 42.6, 94.8)).toEqual([40, 100]);
  expect(valueRange('percent', 100, 100)).toEqual([90, 100]);
  expect(valueRange('percent', 0, 3)).toEqual([0, 10]);
  expect(valueRange('percent', null, null)).toEqual([0, 100]);
});

test('loss is drawn from zero, with room above the highest', () => {
  const [low, high] = valueRange('from-zero', 0.4, 2);
  expect(low).toBe(0);
  expect(high).toBeGreaterThan(2);
  expect(valueRange('from-zero', null, null)).toEqual([0, 1]);
});

test('one epoch stands in the middle; more go from the first to the last that is planned', () => {
  expect(epochRange(1)).toEqual([0, 2]);
  expect(epochRange(20)).toEqual([1, 20]);
});

test('the first epoch has a tick, then whole steps', () => {
  expect(epochSplits(1, 20, 5)).toEqual([1, 5, 10, 15, 20]);
  expect(epochSplits(1, 4, 1)).toEqual([1, 2, 3, 4]);
});
