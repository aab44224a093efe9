/**
 * Cross-entropy on the GPU (torch.nn.functional.cross_entropy, mean reduction) with its gradient and
 * the epoch's running sums, one workgroup for the whole batch. With label smoothing e, the target is
 * (1 - e) at the label plus e / C everywhere; class weights weigh the rows' terms, and the mean is
 * over the sum of the labels' weights, as PyTorch does it.
 */
import { builtins, header, padded, type Program } from '../gpu/program.ts';
import { scaling } from '../optimizer/loss-scale.wgsl.ts';

const threads = 64;

export interface CrossEntropyOptions {
  readonly classes: number;
  readonly labelSmoothing: number; // 0 to 1
  readonly classWeights: boolean; // a buffer [C] is bound
  readonly scaler?: boolean; // one is bound (`optimizer/loss-scale.wgsl.ts`)
}

/** What `metrics` holds, floats: sums over the epoch so far, and the last step's mean loss. */
export const metricNames = ['lossSum', 'correct', 'count', 'stepLoss', 'stepCorrect'] as const;

/** logits [N,C] (padded), labels u32 [N] → dLogits [N,C], metrics */
export function crossEntropy(options: CrossEntropyOptions): Program {
  const { classes, labelSmoothing: smoothing, classWeights } = options;
  const stride = padded(classes);
  const { bindings: scalerBindings, scale } = scaling(options.scaler ?? false);
  const bindings = [
    { name: 'logits', type: 'f32' },
    { name: 'labels', type: 'u32' },
    ...(classWeights ? [{ name: 'weights', type: 'f32' }] : []),
    { name: 'dLogits', type: 'f32' },
    { name: 'metrics', type: 'f32' },
    ...scalerBindings,
  ];
  const weightOf = (c: string) => (classWeights ? `weights[${c}]` : '1.0');
  const wgsl = `${header(bindings)}
var<workgroup> sums: array<vec3f, ${threads}>; // loss, correct, weight
fn weight_at(c: u32) -> f32 { return ${weightOf('c')}; }
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  // The weights of all labels first: every row's gradient is divided by their sum.
  var weight = 0.0;
  for (var row = lane; row < step.batch; row += ${threads}u) { weight += weight_at(labels[row]); }
  sums[lane] = vec3f(0, 0, weight);
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < ${threads}u; i++) { total += sums[i].z; }
  workgroupBarrier();
  var loss = 0.0;
  var correct = 0.0;
  for (var row = lane; row < step.batch; row += ${threads}u) {
    let at = row * ${stride}u;
    let label = labels[row];
    var largest = logits[at];
    var best = 0u;
    for (var c = 1u; c < ${classes}u; c++) {
      if (logits[at + c] > largest) { largest = logits[at + c]; best = c; }
    }
    var sum = 0.0;
    for (var c = 0u; c < ${classes}u; c++) { sum += exp(logits[at + c] - largest); }
    let logSum = log(sum);
    var all = 0.0; // of the target: the part at the label, and the part everywhere
    var spread_loss = 0.0;
    for (var c = 0u; c < ${classes}u; c++) {
      let share = ${smoothing / classes} * weight_at(c);
      all += share;
      spread_loss -= share * (logits[at + c] - largest - logSum);
    }
    let own = ${1 - smoothing} * weight_at(label);
    loss += spread_loss - own * (logits[at + label] - largest - logSum);
    correct += select(0.0, 1.0, best == label);
    for (var c = 0u; c < ${stride}u; c++) {
      if (c >= ${classes}u) { dLogits[at + c] = 0; continue; }
      let p = exp(logits[at + c] - largest) / sum;
      let target_c = ${smoothing / classes} * weight_at(c) + select(0.0, own, c == label);
      dLogits[at + c] = (p * (all + own) - target_c) / total * ${scale};
    }
  }
  sums[lane] = vec3f(loss, correct, weight);
  workgroupBarrier();
  if (lane > 0u) { return; }
  var all_rows = vec3f();
  for (var i = 0u; i < ${threads}u; i++) { all_rows += sums[i]; }
  let mean = all_rows.x / total;
  metrics[0] += mean * f32(step.batch);
  metrics[1] += all_rows.y;
  metrics[2] += f32(step.batch);
  metrics[3] = mean;
  metrics[4] = all_rows.y;
}
`;
  return {
    label: 'softmax_cross_entropy',
    wgsl,
    bindings,
    workgroups: [1, 1, 1],
    flops: 0,
  };
}
