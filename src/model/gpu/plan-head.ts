/** The end of a plan: the linear head, the loss with its gradient, the head's own gradients. */
import { convFilterGradient } from '../../ops/conv2d/filter-gradient.wgsl.ts';
import { convForward, convInputGradient } from '../../ops/conv2d/gather.wgsl.ts';
import { padded } from '../../ops/gpu/program.ts';
import { biasGradient, pointWindow } from '../../ops/linear/linear.wgsl.ts';
import {
  crossEntropy,
  metricNames,
  type CrossEntropyOptions,
} from '../../ops/softmax_cross_entropy/softmax-cross-entropy.wgsl.ts';
import type { PlanContext } from './plan-context.ts';
import { emitInChunks } from './plan-backward.ts';
import { scalerTensor, type ArenaTensor, type Tensor } from './tensors.ts';
import { readTensors, sourceOf, type Value } from './values.ts';

function shapeOf({ backbone, batch, classes }: PlanContext) {
  return { batch, inChannels: backbone.featureDim, outChannels: classes, window: pointWindow };
}

/** features [N,D] → logits [N,C] (padded) */
export function planHead(context: PlanContext, features: Value): ArenaTensor {
  const { backbone, batch, classes, layout, choices, recorder } = context;
  const name = backbone.headName;
  const shape = shapeOf(context);
  const logits = recorder.tensor('logits', batch * padded(classes));
  const tile = choices.gather('forward', shape);
  const program = convForward(shape, sourceOf(features), tile, { bias: true });
  const [weight, bias] = [layout.tensor(`${name}.weight`), layout.tensor(`${name}.bias`)];
  recorder.emit(name, program, [...readTensors(features), weight, bias, logits]);
  return logits;
}

export type LossOptions = Omit<CrossEntropyOptions, 'classes' | 'classWeights' | 'scaler'>;

/** logits, labels → gradients of the head, and of the features into `dFeatures` if asked for. */
export function planLoss(
  context: PlanContext,
  features: Value,
  logits: ArenaTensor,
  dFeatures: ArenaTensor | null,
  loss: LossOptions,
): void {
  const { backbone, batch, classes, layout, choices, recorder } = context;
  const name = backbone.headName;
  const shape = shapeOf(context);
  const dLogits = recorder.tensor('gradient of logits', batch * padded(classes));
  const labels: Tensor = { kind: 'region', region: 'labels', offset: 0, bytes: 4 * batch };
  const metrics: Tensor = { kind: 'region', region: 'metrics', offset: 0, bytes: metricBytes };
  const scaler = context.storage === 'f16';
  const program = crossEntropy({ ...loss, classes, classWeights: false, scaler });
  const scalers = scaler ? [scalerTensor] : [];
  recorder.emit(name, program, [logits, labels, dLogits, metrics, ...scalers]);

  const tile = choices.filter(shape);
  const dWeight = layout.trained(`${name}.weight`, 'gradients');
  const filter = convFilterGradient(shape, sourceOf(features), tile, 1);
  emitInChunks(context, name, backbone.featureDim * classes, 1, dWeight, (into) => {
    recorder.emit(name, filter, [...readTensors(features), dLogits, into]);
  });
  const dBias = layout.trained(`${name}.bias`, 'gradients');
  recorder.emit(name, biasGradient(classes), [dLogits, dBias]);
  if (dFeatures === null) return;
  const inputTile = choices.gather('input', shape);
  const weight = layout.tensor(`${name}.weight`);
  recorder.emit(name, convInputGradient(shape, inputTile), [dLogits, weight, dFeatures]);
}

export const metricBytes = 4 * metricNames.length;
