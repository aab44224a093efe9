/** What each strategy starts from and how it trains. */
import type { Network } from '../model/network.ts';
import type { RunConfig, Strategy } from '../protocol/run.ts';
import type { Random } from '../util/random.ts';
import type { FeatureWorkers } from './feature-extractor.ts';
import { createFullTrainer } from './full-trainer.ts';
import { createHeadTrainer, type FeatureStore } from './head-trainer.ts';
import type { PhotoSource, Trainer } from './trainer.ts';

interface StrategyFacts {
  pretrained: boolean; // starts from ImageNet's weights
  headOnly: boolean; // changes nothing but the head
}

export const strategyFacts: Record<Strategy, StrategyFacts> = {
  head: { pretrained: true, headOnly: true },
  all: { pretrained: true, headOnly: false },
  scratch: { pretrained: false, headOnly: false },
};

export function createTrainer(options: {
  network: Network;
  source: PhotoSource;
  config: RunConfig;
  random: Random;
  features: FeatureStore;
  workers: FeatureWorkers | null;
}): Trainer {
  return strategyFacts[options.config.strategy].headOnly
    ? createHeadTrainer(options)
    : createFullTrainer(options);
}
