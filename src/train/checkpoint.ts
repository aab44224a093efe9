/**
 * What is kept of a run on the way: enough to go on as if nothing had happened, as
 * pytorch/vision's `{model, optimizer, lr_scheduler, epoch, args}`. The learning rate is constant
 * and everything random is drawn from streams named by the epoch, so the seed's state says it all. Metrics and best epoch
 * stand in the run's own record, which is written together with the checkpoint.
 */
import type { StateDict } from '../model/state-dict.ts';
import type { EpochMetrics } from '../protocol/run.ts';
import type { RandomState } from '../util/random.ts';
import type { OptimizerState } from './optimizers/adam.ts';
import type { Outputs } from './trainer.ts';

export interface Checkpoint {
  version: 1;
  epoch: number; // finished
  model: StateDict; // what the strategy changes, all of the network or its head
  optimizer: OptimizerState;
  random: RandomState;
}

/** The weights of the best epoch and what they said about the validation photos. */
export interface BestWeights {
  version: 1;
  epoch: number;
  /** All of the network, or only its head where the backbone stayed as it was. */
  model: StateDict;
  /** Which stored weights the rest of the network has; null when `model` is complete. */
  backboneWeights: string | null;
  outputs: Outputs;
}

/** Higher top-1 wins; of equal ones the lower loss. */
export function isBetter(
  metrics: Pick<EpochMetrics, 'valTop1' | 'valLoss'>,
  than: Pick<EpochMetrics, 'valTop1' | 'valLoss'> | null,
): boolean {
  if (!than) return true;
  if (metrics.valTop1 !== than.valTop1) return metrics.valTop1 > than.valTop1;
  return metrics.valLoss < than.valLoss;
}
