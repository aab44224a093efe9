/**
 * A network that trains on the GPU by a static plan: a step uploads its batch and 32 bytes of
 * settings, and encodes the plan's dispatches again; nothing is created and nothing is read back.
 */
import {
  createUniforms,
  encode,
  prepare,
  uniformData,
  type Prepared,
  type StepValues,
} from '../../ops/gpu/executor.ts';
import { padded } from '../../ops/gpu/program.ts';
import type { Random } from '../../util/random.ts';
import { initialValue } from '../init.ts';
import type { ParameterSpec } from '../parameters.ts';
import {
  specsToLoad,
  toEngineLayout,
  toTorchLayout,
  type LoadOptions,
  type StateDict,
} from '../state-dict.ts';
import { allocate, type NetworkMemory } from './memory.ts';
import { metricBytes } from './plan-head.ts';
import { planCosts, type PlanCosts } from './plan-costs.ts';
import { createReader, readBack, type ReadRequest, type Reader } from './readback.ts';
import {
  planEvaluation,
  planTraining,
  type PlanOptions,
  type StepPlan,
  type TrainOptions,
} from './step-plan.ts';
import type { Region } from './tensors.ts';

export interface GpuBatch {
  readonly count: number; // at most the plan's batch
  readonly pixels: Float32Array; // [count, S, S, 3], normalized
  readonly labels?: Int32Array; // [count]
}

export interface EpochSums {
  readonly loss: number; // mean over the photos since the last reset
  readonly correct: number;
  readonly count: number;
  readonly stepLoss: number; // of the last step
}

/** The optimizer's memory of trained parameters, in the engine's layout. */
export type Moments = Map<string, { shape: number[]; m: Float32Array; v: Float32Array }>;

export interface GpuNetwork {
  readonly options: PlanOptions;
  readonly costs: PlanCosts; // of a training step
  loadStateDict(state: StateDict, options?: LoadOptions): void;
  loadMoments(moments: Moments): void;
  /** Uploads what the next step works on. */
  setBatch(batch: GpuBatch): void;
  /** One step on the batch that is set, submitted; resolves when the GPU has room for another. */
  trainStep(values: Omit<StepValues, 'batch'>): Promise<void>;
  /** Evaluation mode → logits [count, C]. */
  evaluate(batch: GpuBatch): Promise<Float32Array>;
  /** Evaluation mode → features [count, D]. */
  features(batch: GpuBatch): Promise<Float32Array>;
  resetSums(): void;
  sums(): Promise<EpochSums>;
  /** Weights and moments as they are now, in one read-back. */
  snapshot(): Promise<{ state: StateDict; moments: Moments }>;
  /** The gradients of the last step by PyTorch's names, in its layout. */
  gradients(): Promise<StateDict>;
  dispose(): void;
}

/** Fresh weights, as torchvision or timm draw them. */
export async function createGpuNetwork(
  device: GPUDevice,
  options: PlanOptions,
  train: TrainOptions,
  random: Random,
): Promise<GpuNetwork> {
  const training = planTraining(options, train);
  const evaluation = planEvaluation(options);
  const memory = allocate(device, [training, evaluation]);
  const uniforms = createUniforms(device);
  const ready = (plan: StepPlan, part: 'setup' | 'dispatches') =>
    prepare(device, memory.bind(plan, plan[part]), uniforms);
  try {
    const [trainSetup, trainStep, evalSetup, evalStep] = await Promise.all([
      ready(training, 'setup'),
      ready(training, 'dispatches'),
      ready(evaluation, 'setup'),
      ready(evaluation, 'dispatches'),
    ]);
    const network = new PlannedGpuNetwork(device, options, memory, uniforms, {
      training: { plan: training, setup: trainSetup, step: trainStep },
      evaluation: { plan: evaluation, setup: evalSetup, step: evalStep },
    });
    network.initialize(random);
    return network;
  } catch (error) {
    memory.destroy();
    uniforms.destroy();
    throw error;
  }
}

interface ReadyPlan {
  readonly plan: StepPlan;
  readonly setup: readonly Prepared[];
  readonly step: readonly Prepared[];
}

class PlannedGpuNetwork implements GpuNetwork {
  readonly options: PlanOptions;
  readonly #device: GPUDevice;
  readonly #memory: NetworkMemory;
  readonly #uniforms: GPUBuffer;
  readonly #sums: Reader;
  readonly #plans: { training: ReadyPlan; evaluation: ReadyPlan };
  /** Whose constants are in the arena, which both share; null: weights were written. */
  #current: ReadyPlan | null = null;
  #count = 0; // photos of the batch that is set
  #inFlight: Promise<unknown>[] = [];

  constructor(
    device: GPUDevice,
    options: PlanOptions,
    memory: NetworkMemory,
    uniforms: GPUBuffer,
    plans: { training: ReadyPlan; evaluation: ReadyPlan },
  ) {
    this.#device = device;
    this.options = options;
    this.#memory = memory;
    this.#uniforms = uniforms;
    this.#plans = plans;
    this.#sums = createReader(device);
  }

  get #layout() {
    return this.#plans.training.plan.layout;
  }

  get costs(): PlanCosts {
    return planCosts(this.#plans.training.plan);
  }

  initialize(random: Random): void {
    for (const spec of this.#layout.specs) {
      this.#write(spec, initialValue(spec, this.options.backbone, random));
    }
  }

  loadStateDict(state: StateDict, options: LoadOptions = {}): void {
    const { specs: all } = this.#layout;
    const specs = specsToLoad(this.options.backbone, all, state, options);
    for (const spec of specs) {
      const tensor = state.get(spec.name);
      if (tensor) this.#write(spec, toEngineLayout(spec, tensor.data));
    }
  }

  loadMoments(moments: Moments): void {
    for (const [name, { m, v }] of moments) {
      this.#writeTo(name, 'moments1', m);
      this.#writeTo(name, 'moments2', v);
    }
  }

  setBatch({ count, pixels, labels }: GpuBatch): void {
    const { batch, size } = this.options;
    if (count > batch) throw new Error(`a batch of ${count} in a plan for ${batch}`);
    const { queue } = this.#device;
    // Four channels a pixel, as all maps have them.
    const image = new Float32Array(count * size * size * 4);
    for (let from = 0, to = 0; from < pixels.length; from += 3, to += 4) {
      image[to] = pixels[from] ?? 0;
      image[to + 1] = pixels[from + 1] ?? 0;
      image[to + 2] = pixels[from + 2] ?? 0;
    }
    queue.writeBuffer(this.#memory.region('image'), 0, image);
    if (labels) queue.writeBuffer(this.#memory.region('labels'), 0, Uint32Array.from(labels));
    this.#count = count;
  }

  async trainStep(values: Omit<StepValues, 'batch'>): Promise<void> {
    this.#run(this.#plans.training, values);
    this.#inFlight.push(this.#device.queue.onSubmittedWorkDone());
    // One step runs while the next is being made ready.
    if (this.#inFlight.length > 1) await this.#inFlight.shift();
  }

  evaluate(batch: GpuBatch): Promise<Float32Array> {
    return this.#forward(batch, 'logits', this.options.classes);
  }

  features(batch: GpuBatch): Promise<Float32Array> {
    return this.#forward(batch, 'features', this.options.backbone.featureDim);
  }

  async #forward(
    batch: GpuBatch,
    output: 'logits' | 'features',
    channels: number,
  ): Promise<Float32Array> {
    const { evaluation } = this.#plans;
    this.setBatch(batch);
    this.#run(evaluation, {});
    const { buffer, offset } = this.#memory.view(evaluation.plan, evaluation.plan[output]);
    const stride = padded(channels);
    const bytes = 4 * batch.count * stride;
    const [rows = new Float32Array()] = await readBack(this.#device, [{ buffer, offset, bytes }]);
    if (stride === channels) return rows;
    const values = new Float32Array(batch.count * channels);
    for (let row = 0; row < batch.count; row++) {
      values.set(rows.subarray(row * stride, row * stride + channels), row * channels);
    }
    return values;
  }

  resetSums(): void {
    this.#device.queue.writeBuffer(
      this.#memory.region('metrics'),
      0,
      new Float32Array(metricBytes / 4),
    );
  }

  async sums(): Promise<EpochSums> {
    const request = { buffer: this.#memory.region('metrics'), offset: 0, bytes: metricBytes };
    const [values = new Float32Array()] = await this.#sums.read([request]);
    const [lossSum = NaN, correct = NaN, count = 0, stepLoss = NaN] = values;
    return { loss: lossSum / count, correct, count, stepLoss };
  }

  async snapshot(): Promise<{ state: StateDict; moments: Moments }> {
    const { specs, trainedBytes } = this.#layout;
    const whole = (region: Region, bytes: number): ReadRequest => ({
      buffer: this.#memory.region(region),
      offset: 0,
      bytes,
    });
    const [parameters, running, m, v] = await readBack(this.#device, [
      whole('parameters', this.#layout.parameterBytes),
      whole('running', this.#layout.runningBytes),
      whole('moments1', trainedBytes),
      whole('moments2', trainedBytes),
    ]);
    if (!parameters || !running || !m || !v) throw new Error('nothing was read back');
    const state: StateDict = new Map();
    const moments: Moments = new Map();
    for (const spec of specs) {
      const from = spec.role === 'parameter' ? parameters : running;
      const data = this.#slice(from, this.#layout.tensor(spec.name));
      state.set(spec.name, { shape: [...spec.torchShape], data: toTorchLayout(spec, data) });
      if (spec.role === 'buffer' || !this.#layout.isTrained(spec)) continue;
      moments.set(spec.name, {
        shape: [...spec.shape],
        m: this.#slice(m, this.#layout.trained(spec.name, 'moments1')),
        v: this.#slice(v, this.#layout.trained(spec.name, 'moments2')),
      });
    }
    return { state, moments };
  }

  async gradients(): Promise<StateDict> {
    const { specs, trainedBytes } = this.#layout;
    const request = { buffer: this.#memory.region('gradients'), offset: 0, bytes: trainedBytes };
    const [all = new Float32Array()] = await readBack(this.#device, [request]);
    const trained = specs.filter(
      (spec) => spec.role === 'parameter' && this.#layout.isTrained(spec),
    );
    return new Map(
      trained.map((spec) => {
        const data = this.#slice(all, this.#layout.trained(spec.name, 'gradients'));
        return [spec.name, { shape: [...spec.torchShape], data: toTorchLayout(spec, data) }];
      }),
    );
  }

  dispose(): void {
    this.#memory.destroy();
    this.#uniforms.destroy();
    this.#sums.destroy();
  }

  #slice(values: Float32Array, tensor: ReturnType<StepPlan['layout']['tensor']>): Float32Array {
    if (tensor.kind !== 'region') throw new Error('a parameter lies in the arena');
    return values.slice(tensor.offset / 4, (tensor.offset + tensor.bytes) / 4);
  }

  #write(spec: ParameterSpec, data: Float32Array): void {
    const { buffer, offset } = this.#memory.view(
      this.#plans.training.plan,
      this.#layout.tensor(spec.name),
    );
    this.#device.queue.writeBuffer(buffer, offset, data as Float32Array<ArrayBuffer>);
    this.#current = null;
  }

  #writeTo(name: string, region: Region, data: Float32Array): void {
    const tensor = this.#layout.trained(name, region);
    const { buffer, offset } = this.#memory.view(this.#plans.training.plan, tensor);
    this.#device.queue.writeBuffer(buffer, offset, data as Float32Array<ArrayBuffer>);
  }

  #run(ready: ReadyPlan, values: StepValues): void {
    const { queue } = this.#device;
    queue.writeBuffer(this.#uniforms, 0, uniformData({ ...values, batch: this.#count }));
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    if (this.#current !== ready) encode(pass, ready.setup);
    encode(pass, ready.step);
    pass.end();
    queue.submit([encoder.finish()]);
    this.#current = ready;
  }
}
