/**
 * How far a run is, how fast it goes, how long it will take. Time is charged to the stage whose
 * photos took it, the writing of checkpoints included, and each stage's pace is measured over its
 * last seconds; a stage not yet measured is guessed from its cost relative to one that is.
 */
import type { StageWork, WorkPlan } from '../train/trainer.ts';

export type MeteredStage = keyof WorkPlan;

export interface Progress {
  fraction: number; // never falls
  imagesPerSecond: number | null; // of the stage that ticked last
  secondsLeft: number | null;
}

export interface ProgressMeter {
  tick(stage: MeteredStage, photos: number): void;
  /** Photos that could not be read leave a stage short: what it planned is done all the same. */
  finishEpoch(epoch: number): void;
  read(): Progress;
}

const windowMs = 10_000;

export function createProgressMeter(options: {
  work: WorkPlan;
  epochs: number;
  epochsDone: number; // by an earlier life of this run
  now?: () => number;
}): ProgressMeter {
  const { work, epochs, epochsDone, now = () => performance.now() } = options;
  const stages = {
    preparing: createStage(work.preparing, 1, 0),
    training: createStage(work.training, epochs, epochsDone),
    validating: createStage(work.validating, epochs, epochsDone),
  };
  const all = Object.values(stages);
  const totalCost = all.reduce((sum, { total, cost }) => sum + total * cost, 0);
  let last: MeteredStage | null = null;
  let lastAt = now();
  let fraction = 0;

  /** Seconds for each pass forward, by the stage that has been measured longest. */
  const pace = (): number | null => {
    const measured = all.filter((stage) => stage.msPerPhoto() !== null);
    const longest = measured.sort((a, b) => b.measuredMs() - a.measuredMs())[0];
    const ms = longest?.msPerPhoto() ?? null;
    return longest && ms !== null ? ms / longest.cost : null;
  };

  return {
    tick(stage, photos) {
      const at = now();
      stages[stage].add(photos, at - lastAt);
      lastAt = at;
      last = stage;
    },
    finishEpoch(epoch) {
      stages.preparing.reach(1);
      stages.training.reach(epoch);
      stages.validating.reach(epoch);
    },
    read() {
      const doneCost = all.reduce((sum, stage) => sum + stage.done() * stage.cost, 0);
      fraction = Math.max(fraction, Math.min(1, totalCost === 0 ? 1 : doneCost / totalCost));
      const guess = pace();
      let msLeft: number | null = 0;
      for (const stage of all) {
        const remaining = stage.total - stage.done();
        const ms = stage.msPerPhoto() ?? (guess === null ? null : guess * stage.cost);
        if (remaining > 0) msLeft = msLeft === null || ms === null ? null : msLeft + remaining * ms;
      }
      const msPerPhoto = last === null ? null : stages[last].msPerPhoto();
      return {
        fraction,
        imagesPerSecond: msPerPhoto ? 1000 / msPerPhoto : null,
        secondsLeft: msLeft === null ? null : msLeft / 1000,
      };
    },
  };
}

function createStage({ photos, cost }: StageWork, rounds: number, roundsDone: number) {
  const total = photos * rounds;
  let done = photos * roundsDone;
  let ticks = 0;
  let recent: { photos: number; ms: number }[] = [];
  const measuredMs = (): number => recent.reduce((sum, tick) => sum + tick.ms, 0);

  return {
    cost,
    total,
    measuredMs,
    done: () => done,
    reach(round: number) {
      done = Math.max(done, photos * round);
    },
    add(count: number, ms: number) {
      done = Math.min(total, done + count);
      if (ticks++ === 0) return; // compiles shaders, waits for the first photos
      recent.push({ photos: count, ms });
      while (recent.length > 1 && measuredMs() - (recent[0]?.ms ?? 0) > windowMs) {
        recent = recent.slice(1);
      }
    },
    msPerPhoto(): number | null {
      const seen = recent.reduce((sum, tick) => sum + tick.photos, 0);
      return seen === 0 ? null : measuredMs() / seen;
    },
  };
}
