/** `preprocess.json`: how a picture scaled to 0-1 becomes the model's input. */
import type { Preprocessing } from '../protocol/backbone.ts';
import { toJson } from './labels.ts';

export function preprocessJson(preprocessing: Preprocessing): string {
  const { mode, resize, crop, mean, std, interpolation } = preprocessing;
  return toJson({ mode, resize, crop, mean, std, interpolation });
}
