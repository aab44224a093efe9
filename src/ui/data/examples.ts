/** A few photos to show of each class: the first ones that are trained on, else any. */
import type { Sample } from '../../protocol/dataset.ts';

export function examplesByClass(
  samples: readonly Sample[],
  classes: number,
  each: number,
): number[][] {
  const byClass = Array.from({ length: classes }, (): number[] => []);
  for (const wanted of [true, false]) {
    for (const { id, label, split } of samples) {
      const ids = byClass[label];
      if (ids && ids.length < each && (split === 'train') === wanted) ids.push(id);
    }
  }
  return byClass;
}
