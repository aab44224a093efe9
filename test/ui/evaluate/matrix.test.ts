import { describe, expect, test } from 'vitest';
import { mostClasses, neighbour, shownLabels, tint } from '../../../src/ui/evaluate/matrix.ts';

const zeros = (size: number): number[][] =>
  Array.from({ length: size }, () => Array.from({ length: size }, () => 0));

describe('which classes are drawn', () => {
  test('all of them up to the cap', () => {
    expect(shownLabels(zeros(mostClasses))).toHaveLength(mostClasses);
  });

  test('above it, those with mistakes come first and stand in label order', () => {
    const confusion = zeros(200);
    for (const [truth, predicted] of [
      [199, 7],
      [150, 151],
    ] as const) {
      const row = confusion[truth];
      if (row) row[predicted] = 3;
    }
    const labels = shownLabels(confusion);
    expect(labels.length).toBeLessThan(mostClasses);
    expect(labels).toEqual(expect.arrayContaining([7, 150, 151, 199]));
    expect(labels).toEqual([...labels].sort((a, b) => a - b));
  });
});

test('colour follows the share of the row and never drowns the figure', () => {
  expect(tint(0, 12, true)).toBe(0);
  expect(tint(1, 100, true)).toBeGreaterThan(tint(1, 100, false));
  expect(tint(12, 12, false)).toBe(45);
  expect(tint(12, 12, true)).toBe(45);
});

describe('arrow keys', () => {
  const cells = [
    [5, 0, 1],
    [0, 0, 0],
    [0, 2, 3],
  ];
  test('skip empty cells in the row', () => {
    expect(neighbour(cells, { row: 0, column: 0 }, 'ArrowRight')).toEqual({ row: 0, column: 2 });
    expect(neighbour(cells, { row: 0, column: 2 }, 'ArrowLeft')).toEqual({ row: 0, column: 0 });
  });
  test('skip empty rows and take the nearest column', () => {
    expect(neighbour(cells, { row: 0, column: 0 }, 'ArrowDown')).toEqual({ row: 2, column: 1 });
    expect(neighbour(cells, { row: 2, column: 2 }, 'ArrowUp')).toEqual({ row: 0, column: 2 });
  });
  test('stop at the edge', () => {
    expect(neighbour(cells, { row: 0, column: 2 }, 'ArrowRight')).toBeNull();
    expect(neighbour(cells, { row: 2, column: 1 }, 'ArrowDown')).toBeNull();
  });
});
