/**
 * Fresh weights as the libraries draw them (the distributions; the numbers come from our own seeded
 * generator, one stream a tensor, so that they don't depend on the order of creation):
 * - torchvision's ResNet and MobileNetV2: kaiming_normal_(fan_out, relu), batch norm 1 and 0;
 * - timm's EfficientNet ("goog"): normal with std sqrt(2 / (k*k*out / groups)), batch norm 1 and 0;
 * - the head: nn.Linear's default, U(-1/sqrt(in), 1/sqrt(in)) for weight and bias, but in
 *   torchvision's MobileNetV2 normal with std 0.01 and a bias of 0.
 */
import type { Random } from '../util/random.ts';
import type { Backbone, WeightInit } from './graph.ts';
import type { ParameterSpec } from './parameters.ts';

/** In the engine's layout; every draw is independent, so layouts don't matter. */
export function initialValue(
  spec: ParameterSpec,
  { init, featureDim }: Backbone,
  random: Random,
): Float32Array {
  const size = spec.shape.reduce((a, b) => a * b, 1);
  const values = new Float32Array(size);
  const stream = random.fork(spec.name);
  if (spec.layout === 'conv' || spec.layout === 'depthwise') {
    const std = Math.sqrt(2 / fanOut(spec, init));
    return values.map(() => std * stream.normal());
  }
  if (spec.head && init === 'torchvision-mobilenet') {
    return spec.layout === 'linear' ? values.map(() => 0.01 * stream.normal()) : values;
  }
  if (spec.head) {
    const bound = 1 / Math.sqrt(featureDim);
    return values.map(() => stream.uniform(-bound, bound));
  }
  const one = spec.name.endsWith('.weight') || spec.name.endsWith('.running_var');
  return values.fill(one ? 1 : 0);
}

function fanOut({ torchShape, layout }: ParameterSpec, init: WeightInit): number {
  const [out = 1, , k = 1] = torchShape;
  const fan = out * k * k;
  // Only timm divides by the groups; PyTorch's own fan_out of a depthwise filter counts them all.
  return layout === 'depthwise' && init === 'timm-efficientnet' ? fan / out : fan;
}
