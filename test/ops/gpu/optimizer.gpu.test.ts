/** The GPU's optimizers over ten steps, against PyTorch and against doubles. */
import { describe, expect, it } from 'vitest';
import {
  clipFactor,
  groupSize,
  momentCount,
  normParts,
  optimizerStep,
  squaredNorm,
  torchAdam,
  type OptimizerOptions,
  type OptimizerRule,
} from '../../../src/ops/optimizer/optimizer.wgsl.ts';
import adamGoldens from '../../golden/ops.json' with { type: 'json' };
import goldens from '../../golden/optimizers.json' with { type: 'json' };
import { relativeError } from '../../support/gpu-maps.ts';
import { noGpu, run } from '../../support/on-gpu.ts';
import { seeded } from '../../support/seeded.ts';
import '../../support/tensors.ts';

const tolerance = 1e-5;
const gradientSpread = (step: number) => 10 ** ((step % 3) - 1);
const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** To whole vec4s, zeros behind. */
function whole(values: Float32Array): Float32Array {
  const out = new Float32Array(Math.ceil(values.length / 4) * 4);
  out.set(values);
  return out;
}

interface Setting {
  readonly shape: readonly number[];
  readonly rule: OptimizerRule;
  readonly learningRate: number;
  readonly emaDecay?: number;
  readonly factors?: Float32Array;
  readonly maxNorm?: number;
  readonly lossScale?: number;
}

/** Ten steps from the seeded parameter with the seeded gradients. */
async function tenSteps(setting: Setting) {
  const { shape, rule, learningRate, emaDecay, factors, maxNorm, lossScale = 1 } = setting;
  const count = product(shape);
  let parameters: Float32Array = whole(seeded('parameter', shape));
  const size = parameters.length;
  const moments: Float32Array[] = [new Float32Array(size), new Float32Array(size)];
  let averages = parameters;
  const options: OptimizerOptions = {
    size,
    rule,
    clip: maxNorm !== undefined,
    ema: emaDecay !== undefined,
    groups: factors !== undefined,
  };
  const names = ['m', 'v'].slice(0, momentCount(rule));
  for (let step = 0; step < 10; step++) {
    const gradient = seeded(`gradient-${step}`, shape, gradientSpread(step) * lossScale);
    const gradients = whole(gradient);
    const clip = maxNorm === undefined ? {} : { clip: await clipOf(gradients, maxNorm, lossScale) };
    const found = await run(
      optimizerStep(options),
      {
        parameters,
        gradients,
        ...Object.fromEntries(names.map((name, i) => [name, moments[i] ?? 0])),
        ...clip,
        ...(emaDecay === undefined ? {} : { averages }),
        ...(factors ? { factors } : {}),
      },
      {
        learningRate,
        lossScale,
        emaDecay: emaDecay ?? 0,
        ...(rule.kind === 'sgd'
          ? {}
          : {
              biasCorrection1: 1 - rule.beta1 ** (step + 1),
              biasCorrection2: Math.sqrt(1 - rule.beta2 ** (step + 1)),
            }),
      },
    );
    parameters = found('parameters');
    names.forEach((name, i) => (moments[i] = found(name)));
    if (emaDecay !== undefined) averages = found('averages');
  }
  const used = (values: Float32Array | undefined) => (values ?? []).slice(0, count);
  return {
    parameter: used(parameters),
    m: used(moments[0]),
    v: used(moments[1]),
    ema: used(averages),
  };
}

async function clipOf(gradients: Float32Array, maxNorm: number, lossScale = 1) {
  const norm = await run(
    squaredNorm(gradients.length),
    { gradients, parts: normParts },
    { lossScale },
  );
  return (await run(clipFactor(maxNorm), { parts: norm('parts'), clip: 2 }, 1))('clip');
}

/** The same in doubles; the decay and the rate of number i by its group. */
function reference(setting: Setting): Float64Array {
  const { shape, rule, learningRate, factors, maxNorm } = setting;
  const parameter = Float64Array.from(seeded('parameter', shape));
  const m = new Float64Array(parameter.length);
  const v = new Float64Array(parameter.length);
  for (let step = 0; step < 10; step++) {
    const gradient = Float64Array.from(seeded(`gradient-${step}`, shape, gradientSpread(step)));
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    const clip = maxNorm === undefined ? 1 : Math.min(1, maxNorm / (norm + 1e-6));
    gradient.forEach((raw, i) => {
      const group = Math.floor(i / groupSize);
      const rate = learningRate * (factors?.[2 * group] ?? 1);
      const decay = rule.weightDecay * (factors?.[2 * group + 1] ?? 1);
      const p = parameter[i] ?? NaN;
      const g = raw * clip;
      if (rule.kind === 'sgd') {
        const l2 = g + decay * p;
        const velocity = rule.momentum * (m[i] ?? NaN) + l2;
        m[i] = velocity;
        parameter[i] = p - rate * (rule.nesterov ? l2 + rule.momentum * velocity : velocity);
        return;
      }
      const { beta1, beta2, eps, kind } = rule;
      const l2 = kind === 'adam' ? g + decay * p : g;
      const decayed = kind === 'adamw' ? p * (1 - rate * decay) : p;
      const mean = beta1 * (m[i] ?? NaN) + (1 - beta1) * l2;
      const square = beta2 * (v[i] ?? NaN) + (1 - beta2) * l2 * l2;
      m[i] = mean;
      v[i] = square;
      const root = Math.sqrt(square / (1 - beta2 ** (step + 1))) + eps;
      parameter[i] = decayed - (rate * mean) / (1 - beta1 ** (step + 1)) / root;
    });
  }
  return parameter;
}

describe.skipIf(noGpu)('optimizers on a GPU', () => {
  const adamCases = [
    ...adamGoldens.adam.map((golden) => ({ kind: 'adam' as const, golden })),
    ...goldens.adam.map((golden) => ({ kind: 'adam' as const, golden })),
    ...goldens.adamw.map((golden) => ({ kind: 'adamw' as const, golden })),
  ];

  it.each(adamCases)('PyTorch, $kind of $golden.shape', async ({ kind, golden }) => {
    const { shape, learningRate, weightDecay } = golden;
    const average = 'ema' in golden ? { emaDecay: golden.emaDecay } : {};
    const rule = { ...torchAdam, kind, weightDecay } as OptimizerRule;
    const found = await tenSteps({ shape, learningRate, rule, ...average });
    expect(found.parameter).toMatchGolden(golden.parameter, tolerance);
    expect(found.m).toMatchGolden(golden.m, tolerance);
    expect(found.v).toMatchGolden(golden.v, tolerance);
    if ('ema' in golden) expect(found.ema).toMatchGolden(golden.ema, tolerance);
  });

  it.each(goldens.sgd)('PyTorch, SGD of $shape, Nesterov $nesterov', async (golden) => {
    const { shape, learningRate, emaDecay, momentum, nesterov, weightDecay } = golden;
    const rule = { kind: 'sgd', momentum, nesterov, weightDecay } as const;
    const found = await tenSteps({ shape, learningRate, rule, emaDecay });
    expect(found.parameter).toMatchGolden(golden.parameter, tolerance);
    expect(found.m).toMatchGolden(golden.buffer, tolerance);
    expect(found.ema).toMatchGolden(golden.ema, tolerance);
  });

  it.each([0, 0.01])('SGD without momentum, weight decay %d', async (weightDecay) => {
    const rule = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay } as const;
    const setting: Setting = { shape: [3, 5], learningRate: 0.01, rule };
    const { parameter } = await tenSteps(setting);
    expect(relativeError(parameter, reference(setting))).toBeLessThan(tolerance);
  });

  it.each(goldens.clip)('PyTorch, clipping to $maxNorm', async (golden) => {
    // The tensors one behind the other, each from a multiple of a group, as parameters lie.
    const tensors = golden.tensors.map(({ shape, spread }, i) =>
      seeded(`gradient-${i}`, shape, spread),
    );
    const starts: number[] = [];
    let size = 0;
    for (const { length } of tensors) {
      starts.push(size);
      size += Math.ceil(length / groupSize) * groupSize;
    }
    const gradients = new Float32Array(size);
    tensors.forEach((tensor, i) => gradients.set(tensor, starts[i]));
    const [factor = NaN, norm = NaN] = await clipOf(gradients, golden.maxNorm);
    expect(relativeError([norm], [golden.norm])).toBeLessThan(tolerance);
    tensors.forEach((tensor, i) => {
      const clipped = golden.clipped[i];
      if (clipped === undefined) throw new Error(`no golden tensor ${i}`);
      expect(tensor.map((value) => value * factor)).toMatchGolden(clipped, tolerance);
    });
  });

  it('sums the squares of more numbers than there are parts', async () => {
    const gradients = seeded('gradient', [3000 * 4]);
    const [factor = NaN, norm = NaN] = await clipOf(gradients, 3, 2);
    const expected = Math.sqrt(gradients.reduce((sum, g) => sum + (g / 2) ** 2, 0));
    expect(relativeError([norm], [expected])).toBeLessThan(tolerance);
    expect(relativeError([factor], [3 / (expected + 1e-6)])).toBeLessThan(tolerance);
  });

  const rules: OptimizerRule[] = [
    { ...torchAdam, weightDecay: 0.02 },
    { kind: 'adamw', beta1: 0.9, beta2: 0.99, eps: 1e-6, weightDecay: 0.1 },
    { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
    { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 5e-4 },
  ];

  it.each(rules)('$kind with groups, clipping and a scaled loss at once', async (rule) => {
    // Rate and decay of each 64 numbers: one at full rate, one without decay, one that stands still.
    const factors = new Float32Array([1, 1, 0.1, 0, 0, 0, 2, 0.5]);
    const setting: Setting = { shape: [250], learningRate: 0.01, rule, factors, maxNorm: 1 };
    const found = await tenSteps({ ...setting, lossScale: 4 });
    const expected = reference(setting);
    expect(relativeError(found.parameter, expected)).toBeLessThan(tolerance);
    const still = seeded('parameter', [250]).subarray(128, 192);
    expect(found.parameter.slice(128, 192)).toEqual(still);
  });
});
