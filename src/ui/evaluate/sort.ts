/** The table of classes, sortable by any column. A measure that is not defined comes last. */
import type { ClassReport } from '../../protocol/run.ts';

export type Column = 'name' | 'precision' | 'recall' | 'f1' | 'support';
export const columns: readonly Column[] = ['name', 'precision', 'recall', 'f1', 'support'];

export interface ClassRow extends ClassReport {
  label: number;
  name: string;
}

export interface Order {
  column: Column;
  descending: boolean;
}

/** 'name' keeps the order of the labels, which is the order of the classes in every file we write. */
export function sortRows(rows: readonly ClassRow[], { column, descending }: Order): ClassRow[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    if (column === 'name') return sign * (a.label - b.label);
    const left = a[column];
    const right = b[column];
    if (left === null || right === null) {
      return Number(left === null) - Number(right === null) || a.label - b.label;
    }
    return sign * (left - right) || a.label - b.label;
  });
}

/** The first click on a column shows what matters there: names from the first, measures from the worst. */
export function nextOrder(order: Order, column: Column): Order {
  if (order.column === column) return { column, descending: !order.descending };
  return { column, descending: column === 'support' };
}
