/**
 * What a run tells the page: progress at most five times a second, so that listening costs the
 * page nothing, everything else at once.
 */
import { memoryInfo } from '../device/memory.ts';
import type { RunStage, TrainEvent } from '../protocol/run.ts';
import type { WorkPlan } from '../train/trainer.ts';
import { createProgressMeter, type Progress, type ProgressMeter } from './progress-meter.ts';

const intervalMs = 200;

export interface RunEvents {
  emit(event: TrainEvent): void;
  /** From here on progress can be measured. */
  measure(plan: { work: WorkPlan; epochs: number; epochsDone: number }): ProgressMeter;
  /** A stage that is new to the run is told at once, the others in their turn. */
  progress(stage: RunStage, runningLoss?: number | null): void;
}

const isMetered = ({ stage }: RunStage): boolean =>
  stage === 'preparing' || stage === 'training' || stage === 'validating';

export function createRunEvents(
  emit: (event: TrainEvent) => void,
  now: () => number = () => performance.now(),
): RunEvents {
  const unmeasured: Progress = { fraction: 0, imagesPerSecond: null, secondsLeft: null };
  const told = new Set<RunStage['stage']>();
  let meter: ProgressMeter | null = null;
  let lastAt = -Infinity;

  return {
    emit,
    measure(plan) {
      meter = createProgressMeter({ ...plan, now });
      return meter;
    },
    progress(stage, runningLoss = null) {
      const at = now();
      if (told.has(stage.stage) && at - lastAt < intervalMs) return;
      told.add(stage.stage);
      lastAt = at;
      const { bytes, gpuBytes } = memoryInfo();
      const progress = meter?.read() ?? unmeasured;
      emit({
        kind: 'progress',
        stage,
        ...progress,
        imagesPerSecond: isMetered(stage) ? progress.imagesPerSecond : null,
        runningLoss,
        memory: { bytes: gpuBytes ?? bytes },
      });
    },
  };
}
