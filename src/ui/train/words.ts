/** A run's state in words, for the progress card, the bar of steps and the title of the tab. */
import type { Dictionary } from '../../i18n/dictionaries.ts';
import type { RunStage } from '../../protocol/run.ts';

export function stageSentence(t: Dictionary, stage: RunStage): string {
  const words = t.train.stage;
  switch (stage.stage) {
    case 'loading':
      return words.loading;
    case 'preparing':
      return words.preparing(stage.done, stage.total);
    case 'compiling':
      return words.compiling;
    case 'training':
      return words.training(stage.epoch, stage.epochs, stage.step, stage.steps);
    case 'validating':
      return words.validating(stage.epoch, stage.epochs, stage.done, stage.total);
    case 'evaluating':
      return words.evaluating(stage.done, stage.total);
    case 'saving':
      return words.saving;
  }
}

/** The same in the few words that fit a step or a tab. */
export function stageShort(t: Dictionary, stage: RunStage): string {
  const words = t.train.short;
  switch (stage.stage) {
    case 'training':
    case 'validating':
      return words.epoch(stage.epoch, stage.epochs);
    default:
      return words[stage.stage];
  }
}
