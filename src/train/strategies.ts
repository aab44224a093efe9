/** What each strategy starts from and how it trains. */
import type { RunConfig, Strategy } from '../protocol/run.ts';
import type { Random } from '../util/random.ts';
import type { Engine } from './engine.ts';
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

/** The engine stays the caller's; it was made for this strategy. */
export function createTrainer(options: {
  engine: Engine;
  source: PhotoSource;
  config: RunConfig;
  random: Random;
  features: FeatureStore;
}): Trainer {
  const { engine, config } = options;
  return strategyFacts[config.strategy].headOnly
    ? createHeadTrainer(options)
    : createFullTrainer({ ...options, learner: engine.learner });
}
