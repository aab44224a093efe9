/** The arithmetic of showing a confusion matrix: which classes, how strong a colour, which neighbour. */

/** More classes than this make more cells than a page should hold (100 classes: 10,000). */
export const mostClasses = 120;
const shownOfMany = 60;

/**
 * The classes to draw, in label order: all of them, or of very many those with the most mistakes in
 * their row and column.
 */
export function shownLabels(confusion: readonly (readonly number[])[]): number[] {
  const labels = confusion.map((_, label) => label);
  if (labels.length <= mostClasses) return labels;
  const mistakes = labels.map(() => 0);
  confusion.forEach((row, truth) =>
    row.forEach((count, predicted) => {
      if (truth === predicted || count === 0) return;
      mistakes[truth] = (mistakes[truth] ?? 0) + count;
      mistakes[predicted] = (mistakes[predicted] ?? 0) + count;
    }),
  );
  return labels
    .sort((a, b) => (mistakes[b] ?? 0) - (mistakes[a] ?? 0))
    .slice(0, shownOfMany)
    .sort((a, b) => a - b);
}

/**
 * Percent of full colour for a cell: by its share of the row, so that big classes don't drown small.
 * One mistake among many must still be seen, so mistakes begin stronger.
 */
export function tint(count: number, rowSum: number, wrong: boolean): number {
  if (count === 0 || rowSum === 0) return 0;
  // 45 % keeps the figures legible in both themes (contrast 4.5 or more)
  const least = wrong ? 22 : 12;
  return Math.round(least + (45 - least) * (count / rowSum));
}

export type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';
export const isArrow = (key: string): key is Arrow => /^Arrow(Up|Down|Left|Right)$/.test(key);

/** The next cell with photos in that direction; of cells in another row, the nearest column. */
export function neighbour(
  cells: readonly (readonly number[])[],
  from: { row: number; column: number },
  arrow: Arrow,
): { row: number; column: number } | null {
  const step = arrow === 'ArrowUp' || arrow === 'ArrowLeft' ? -1 : 1;
  if (arrow === 'ArrowLeft' || arrow === 'ArrowRight') {
    const row = cells[from.row] ?? [];
    for (let column = from.column + step; column >= 0 && column < row.length; column += step) {
      if (row[column]) return { row: from.row, column };
    }
    return null;
  }
  for (let at = from.row + step; at >= 0 && at < cells.length; at += step) {
    const row = cells[at] ?? [];
    let best: number | null = null;
    row.forEach((count, column) => {
      const nearer = best === null || Math.abs(column - from.column) < Math.abs(best - from.column);
      if (count > 0 && nearer) best = column;
    });
    if (best !== null) return { row: at, column: best };
  }
  return null;
}
