/**
 * A seeded, stratified 80/20 split (scikit-learn's `train_test_split(stratify=y)`, but each class
 * rounded by itself, with at least one photo on either side).
 */
import { createRandom } from '../../util/random.ts';

const validationShare = 0.2;

/**
 * Which of the photos validate. `byClass`: photo ids, class by class. A class's draw depends on the
 * seed and its ids alone, so that names read in another encoding leave the split as it was.
 */
export function drawValidation(byClass: readonly (readonly number[])[], seed: number): Set<number> {
  const validation = new Set<number>();
  for (const ids of byClass) {
    if (ids.length < 2) continue;
    const sorted = [...ids].sort((a, b) => a - b);
    const random = createRandom(seed).fork(sorted[0] ?? 0);
    const wanted = Math.round(sorted.length * validationShare);
    const count = Math.min(Math.max(wanted, 1), sorted.length - 1);
    for (const id of random.shuffle(sorted).slice(0, count)) validation.add(id);
  }
  return validation;
}
