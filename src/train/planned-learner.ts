/**
 * A learner that is a plan on the GPU. Reading waits for the GPU, so there are two reads an epoch
 * beside the running loss: its totals, and then everything else at once.
 */
import type { GpuNetwork } from '../model/gpu/gpu-network.ts';
import { torchAdam } from '../ops/optimizer/optimizer.wgsl.ts';
import type { StateDict } from '../model/state-dict.ts';
import { AppError } from '../protocol/errors.ts';
import type { Learner } from './learner.ts';
import type { OptimizerState } from './optimizers/adam.ts';
import { adamValues } from './optimizers/adam-values.ts';

const peekMs = 300;

interface Snapshot {
  state: StateDict;
  optimizer: OptimizerState;
}

/** The network stays the caller's. */
export function createPlannedLearner(
  network: GpuNetwork,
  now: () => number = () => performance.now(),
): Learner {
  let steps = 0; // updates made, for Adam's bias correction
  let inEpoch = 0; // photos
  let peeked: { at: number; loss: number } | null = null;
  let snapshot: Snapshot | null = null; // null: weights have changed since

  const readAll = async (): Promise<Float32Array> => {
    const { logits, state, moments } = await network.collected();
    snapshot = { state, optimizer: { step: steps, moments } };
    return logits;
  };
  const current = async (): Promise<Snapshot> => {
    if (snapshot === null) await readAll();
    if (snapshot === null) throw new Error('nothing was read back');
    return snapshot;
  };
  const throwIfAborted = (signal: AbortSignal): void => {
    if (signal.aborted) throw new AppError('cancelled', {});
  };

  network.resetSums();
  return {
    classes: network.options.classes,
    async step(batch, learningRate, signal) {
      throwIfAborted(signal);
      steps++;
      inEpoch += batch.count;
      snapshot = null;
      network.setBatch(batch);
      await network.trainStep(adamValues(torchAdam, steps, learningRate));
    },
    async peek() {
      if (inEpoch > 0 && (!peeked || now() - peeked.at >= peekMs)) {
        const { loss } = await network.sums();
        peeked = { at: now(), loss };
      }
      return peeked?.loss ?? null;
    },
    async totals() {
      const { loss, correct, count } = await network.sums();
      return { loss, top1: correct / count, count };
    },
    beginEpoch() {
      network.resetSums();
      inEpoch = 0;
      peeked = null;
    },
    async collect(inputs, count, signal) {
      throwIfAborted(signal);
      await network.collect({ inputs, count });
    },
    collected: readAll,
    weights: async () => (await current()).state,
    optimizerState: async () => (await current()).optimizer,
    restoreOptimizer(state) {
      steps = state.step;
      snapshot = null;
      network.loadMoments(state.moments);
    },
    dispose: () => undefined,
  };
}
