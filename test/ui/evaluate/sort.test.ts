import { expect, test } from 'vitest';
import { nextOrder, sortRows, type ClassRow } from '../../../src/ui/evaluate/sort.ts';

const row = (label: number, recall: number | null, support: number): ClassRow => ({
  label,
  name: `class ${label}`,
  precision: recall,
  recall,
  f1: recall,
  support,
});
const rows = [row(0, 0.9, 3), row(1, null, 5), row(2, 0.2, 4), row(3, 0.9, 1)];
const labels = (sorted: ClassRow[]): number[] => sorted.map(({ label }) => label);

test('the first click shows the worst measure or the largest class, the second turns it round', () => {
  const byName = { column: 'name', descending: false } as const;
  const byRecall = nextOrder(byName, 'recall');
  expect(labels(sortRows(rows, byRecall))).toEqual([2, 0, 3, 1]);
  expect(labels(sortRows(rows, nextOrder(byRecall, 'recall')))).toEqual([0, 3, 2, 1]);
  expect(labels(sortRows(rows, nextOrder(byName, 'support')))).toEqual([1, 2, 0, 3]);
});

test('by name is the order of the labels, whatever it was before', () => {
  const order = nextOrder({ column: 'recall', descending: true }, 'name');
  expect(labels(sortRows([...rows].reverse(), order))).toEqual([0, 1, 2, 3]);
});
