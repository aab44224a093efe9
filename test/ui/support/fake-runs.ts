/** Runs and evaluations as the trainer worker would write them down, made from seeded logits. */
import { bestEpoch, evaluate } from '../../../src/evaluate/evaluation.ts';
import type { DeviceInfo } from '../../../src/protocol/device.ts';
import { defaultRunConfig } from '../../../src/protocol/run-defaults.ts';
import type {
  EpochMetrics,
  Evaluation,
  Run,
  RunConfig,
  RunStatus,
} from '../../../src/protocol/run.ts';
import { createRandom } from '../../../src/util/random.ts';

const fruit = ['苹果', '香蕉', '猕猴桃', '柠檬', '牛油果', '梨', '橙子', '甜瓜'];
export const classNames = (count: number): string[] =>
  count === 2
    ? ['ants', 'bees']
    : Array.from({ length: count }, (_, i) => fruit[i] ?? `类别 ${String(i).padStart(2, '0')} 号`);

export const wasm: DeviceInfo = {
  backend: 'wasm',
  adapter: 'CPU (WASM SIMD)',
  software: false,
  reason: 'asked',
};

/** `skill` is how far the true class stands out of the noise: 3 is good, 0 is chance. */
export function fakeEvaluation(
  runId: string,
  options: { classes: number; perClass?: number; skill?: number; seed?: number },
): Evaluation {
  const { classes, perClass = 12, skill = 3, seed = 7 } = options;
  const random = createRandom(seed);
  const labels = Int32Array.from({ length: classes * perClass }, (_, n) =>
    Math.floor(n / perClass),
  );
  const logits = Float32Array.from({ length: labels.length * classes }, (_, i) => {
    const truth = labels[Math.floor(i / classes)] === i % classes;
    return (truth ? skill : 0) + random.normal();
  });
  const ids = Array.from(labels, (_, n) => n);
  return evaluate(runId, { ids, labels, logits, classes }, (id) => `val/${labels[id]}/${id}.jpg`);
}

export function fakeEpochs(count: number): EpochMetrics[] {
  const random = createRandom(3);
  return Array.from({ length: count }, (_, i) => {
    const left = Math.exp(-(i + 1) / 4);
    const wobble = random.uniform(-0.01, 0.01);
    return {
      epoch: i + 1,
      trainLoss: 0.1 + 1.9 * left,
      trainTop1: Math.min(1, 0.97 - 0.7 * left + wobble),
      valLoss: 0.16 + 1.6 * left + wobble,
      valTop1: Math.round(96 * (0.975 - 0.55 * left + wobble)) / 96,
      valTop5: Math.round(96 * (1 - 0.2 * left)) / 96,
      learningRate: 0.001,
      seconds: 0.31,
    };
  });
}

export function fakeRun(
  options: {
    id?: string;
    classes?: number;
    epochs?: number;
    status?: RunStatus;
    config?: Partial<RunConfig>;
    createdAt?: number;
  } = {},
): Run {
  const { id = 'run-1', classes = 8, epochs = 12, status = 'finished' } = options;
  const metrics = fakeEpochs(epochs);
  const winner = metrics.reduce<EpochMetrics | null>(
    (best, one) => (best && best.valTop1 >= one.valTop1 ? best : one),
    null,
  );
  return {
    version: 1,
    id,
    createdAt: options.createdAt ?? Date.UTC(2026, 4, 17, 9, 30),
    datasetId: 'data-1',
    datasetName: 'fruit8_split_gbk',
    classes: classNames(classes),
    config: { ...defaultRunConfig('data-1'), ...options.config },
    preprocessing: {
      mode: 'crop',
      resize: 256,
      crop: 224,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      interpolation: 'bilinear',
    },
    device: wasm,
    userAgent: 'test',
    status,
    error: null,
    epochs: metrics,
    best: winner ? bestEpoch(winner.epoch, winner, 96) : null,
    timings: { prepareMs: 41_000, trainMs: 12_000, evaluateMs: 300 },
    gpu: null,
  };
}
