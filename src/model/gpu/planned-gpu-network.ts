/**
 * A network on the GPU by a static plan: a step uploads its batch and 32 bytes of settings, and
 * encodes the plan's dispatches again; nothing is created and nothing is read back.
 */
import { encode, uniformData, type Prepared, type StepValues } from '../../ops/gpu/executor.ts';
import { padded } from '../../ops/gpu/program.ts';
import type { DispatchTimer } from '../../ops/gpu/timer.ts';
import { readScaler, scalerBytes } from '../../ops/optimizer/loss-scale.wgsl.ts';
import type { Random } from '../../util/random.ts';
import { initialValue } from '../init.ts';
import { specsToLoad, type LoadOptions, type StateDict } from '../state-dict.ts';
import { createCollector, type Collector } from './collector.ts';
import type { EpochSums, GpuBatch, GpuNetwork, TimedDispatch } from './gpu-network.ts';
import { imageData } from './image-data.ts';
import type { NetworkMemory } from './memory.ts';
import { createParameterAccess, type Moments, type ParameterAccess } from './parameter-access.ts';
import type { PhotoUpload } from './photo-upload.ts';
import { planCosts, type PlanCosts } from './plan-costs.ts';
import { metricBytes } from './plan-head.ts';
import { createReader, readBack, type Reader } from './readback.ts';
import type { PlanOptions, StepPlan } from './step-plan.ts';

export interface ReadyPlan {
  readonly plan: StepPlan;
  readonly setup: readonly Prepared[];
  readonly step: readonly Prepared[];
}

export class PlannedGpuNetwork implements GpuNetwork {
  readonly options: PlanOptions;
  readonly #device: GPUDevice;
  readonly #memory: NetworkMemory;
  readonly #uniforms: GPUBuffer;
  readonly #training: ReadyPlan | null;
  readonly #evaluation: ReadyPlan;
  readonly #parameters: ParameterAccess;
  readonly #collector: Collector;
  readonly #sums: Reader;
  readonly #photos: PhotoUpload | null;
  /** Whose constants are in the arena, which both share; null: weights were written. */
  #current: ReadyPlan | null = null;
  #count = 0; // samples of the batch that is set
  #augment: Prepared | null = null; // makes its pictures, once
  #inFlight: Promise<unknown>[] = [];

  constructor(
    device: GPUDevice,
    options: PlanOptions,
    memory: NetworkMemory,
    uniforms: GPUBuffer,
    { training, evaluation }: { training: ReadyPlan | null; evaluation: ReadyPlan },
    photos: PhotoUpload | null,
  ) {
    this.#photos = photos;
    this.#device = device;
    this.options = options;
    this.#memory = memory;
    this.#uniforms = uniforms;
    this.#training = training;
    this.#evaluation = evaluation;
    const { plan } = training ?? evaluation;
    this.#parameters = createParameterAccess(device, memory, plan);
    this.#collector = createCollector(device, padded(options.classes));
    this.#sums = createReader(device);
  }

  get costs(): PlanCosts {
    return planCosts((this.#training ?? this.#evaluation).plan);
  }

  initialize(random: Random): void {
    const { backbone } = this.options;
    for (const spec of this.#parameters.specs) {
      this.#parameters.write(spec, initialValue(spec, backbone, random));
    }
  }

  loadStateDict(state: StateDict, options: LoadOptions = {}): void {
    const specs = specsToLoad(this.options.backbone, this.#parameters.specs, state, options);
    this.#parameters.load(specs, state);
    this.#current = null;
  }

  loadMoments(moments: Moments): void {
    this.#parameters.loadMoments(moments);
  }

  setBatch({ count, inputs, labels }: GpuBatch): void {
    const { batch, input, storage } = this.#evaluation.plan;
    if (count > batch) throw new Error(`a batch of ${count} in a plan for ${batch}`);
    const { queue } = this.#device;
    if (inputs instanceof Float32Array) {
      const values = imageData(inputs, input.channels, storage);
      queue.writeBuffer(this.#memory.region('image'), 0, values);
      this.#augment = null;
    } else {
      if (this.#photos === null) throw new Error('this network takes features');
      this.#augment = this.#photos.upload(inputs);
    }
    if (labels) queue.writeBuffer(this.#memory.region('labels'), 0, Uint32Array.from(labels));
    this.#count = count;
  }

  async trainStep(values: Omit<StepValues, 'batch'>): Promise<void> {
    if (this.#training === null) throw new Error('this network only evaluates');
    this.#run(this.#training, values);
    await this.#throttle();
  }

  async timedStep(
    values: Omit<StepValues, 'batch'>,
    timer: DispatchTimer,
  ): Promise<TimedDispatch[]> {
    if (this.#training === null) throw new Error('this network only evaluates');
    const { plan, setup, step } = this.#training;
    this.#run({ plan, setup, step: [] }, values); // what comes before the first dispatch
    this.#current = this.#training;
    const times = await timer.time(step);
    return plan.dispatches.map((dispatch, i) => ({ ...dispatch, ns: times[i] ?? NaN }));
  }

  async collect(batch: GpuBatch): Promise<void> {
    this.setBatch(batch);
    const { plan } = this.#evaluation;
    const { buffer, offset } = this.#memory.view(plan, plan.logits);
    this.#run(this.#evaluation, {}, (encoder) => {
      this.#collector.add(encoder, buffer, offset, batch.count);
    });
    await this.#throttle();
  }

  async collected(): Promise<{ logits: Float32Array; state: StateDict; moments: Moments }> {
    const [rows, parts] = [this.#collector.request(), this.#parameters.requests()];
    const values = await readBack(this.#device, [...rows, ...parts]);
    const logits = withoutPadding(values.slice(0, rows.length), this.options.classes);
    this.#collector.clear();
    return { logits, ...this.#parameters.read(values.slice(rows.length)) };
  }

  async features(batch: GpuBatch): Promise<Float32Array> {
    this.setBatch(batch);
    this.#run(this.#evaluation, {});
    const { plan } = this.#evaluation;
    const { featureDim } = this.options.backbone;
    const { buffer, offset } = this.#memory.view(plan, plan.features);
    const bytes = 4 * batch.count * padded(featureDim);
    return withoutPadding(await readBack(this.#device, [{ buffer, offset, bytes }]), featureDim);
  }

  resetSums(): void {
    const zeros = new Float32Array(metricBytes / 4);
    this.#device.queue.writeBuffer(this.#memory.region('metrics'), 0, zeros);
  }

  async sums(): Promise<EpochSums> {
    const request = { buffer: this.#memory.region('metrics'), offset: 0, bytes: metricBytes };
    const [values = new Float32Array()] = await this.#sums.read([request]);
    const [lossSum = NaN, correct = NaN, count = 0, stepLoss = NaN] = values;
    return { loss: lossSum / count, correct, count, stepLoss };
  }

  async gradients(): Promise<StateDict> {
    const gradients = await this.#parameters.gradients();
    const { unscale } = (await this.#scaler()) ?? { unscale: 1 };
    for (const { data } of gradients.values()) {
      if (unscale !== 1) data.forEach((value, i) => (data[i] = value * unscale));
    }
    return gradients;
  }

  lossScaling(): Promise<{ scale: number; skipped: number } | null> {
    return this.#scaler();
  }

  async #scaler(): Promise<ReturnType<typeof readScaler> | null> {
    if (!this.#memory.has('scaler')) return null;
    const request = { buffer: this.#memory.region('scaler'), offset: 0, bytes: scalerBytes };
    const [values = new Float32Array()] = await readBack(this.#device, [request]);
    return readScaler(values);
  }

  dispose(): void {
    this.#photos?.destroy();
    this.#collector.destroy();
    this.#memory.destroy();
    this.#uniforms.destroy();
    this.#sums.destroy();
  }

  #run(
    ready: ReadyPlan,
    values: StepValues,
    after: (encoder: GPUCommandEncoder) => void = () => undefined,
  ): void {
    const { queue } = this.#device;
    queue.writeBuffer(this.#uniforms, 0, uniformData({ ...values, batch: this.#count }));
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    if (this.#augment !== null) encode(pass, [this.#augment]);
    this.#augment = null;
    if (this.#current !== ready) encode(pass, ready.setup);
    encode(pass, ready.step);
    pass.end();
    after(encoder);
    queue.submit([encoder.finish()]);
    this.#current = ready;
  }

  /** One step runs while the next is being made ready. */
  async #throttle(): Promise<void> {
    this.#inFlight.push(this.#device.queue.onSubmittedWorkDone());
    if (this.#inFlight.length > 1) await this.#inFlight.shift();
  }
}

/** Parts of [rows, padded C] → [all rows, C] */
function withoutPadding(parts: readonly Float32Array[], channels: number): Float32Array {
  const stride = padded(channels);
  const rows = parts.reduce((sum, part) => sum + part.length / stride, 0);
  const out = new Float32Array(rows * channels);
  let to = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length; from += stride, to += channels) {
      out.set(part.subarray(from, from + channels), to);
    }
  }
  return out;
}
