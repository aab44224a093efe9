/**
 * The run that is being trained now, as its events tell it. One at a time; when it has ended, the
 * stored run in `RunsSession` is the record, and this keeps only its notices and its failure.
 */
import { toErrorData, type ErrorData } from '../protocol/errors.ts';
import type { Caller } from '../protocol/rpc.ts';
import type {
  BestEpoch,
  EpochMetrics,
  Run,
  RunConfig,
  RunStage,
  TrainEvent,
  TrainNotice,
} from '../protocol/run.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';
import type { RunsSession } from './runs.svelte.ts';

export class TrainingSession {
  /** Between the click and the end; what is below is live while it holds. */
  active = $state(false);
  stopping = $state(false);
  config = $state.raw<RunConfig | null>(null);
  run = $state.raw<Run | null>(null);
  stage = $state.raw<RunStage>({ stage: 'loading' });
  fraction = $state(0);
  imagesPerSecond = $state<number | null>(null);
  secondsLeft = $state<number | null>(null);
  runningLoss = $state<number | null>(null);
  /** The most that was held at once. */
  peakBytes = $state(0);
  epochs = $state.raw<EpochMetrics[]>([]);
  best = $state.raw<BestEpoch | null>(null);
  notices = $state.raw<TrainNotice[]>([]);
  error = $state.raw<ErrorData | null>(null);
  /** The last run was stopped before there was an epoch to keep: it left nothing behind. */
  stoppedEarly = $state(false);

  readonly #trainer: Caller<TrainerApi>;
  readonly #runs: RunsSession;

  constructor(trainer: Caller<TrainerApi>, runs: RunsSession) {
    this.#trainer = trainer;
    this.#runs = runs;
  }

  /** Resolves when the run has ended, in whatever way; a failure is in `error`. */
  async start(config: RunConfig): Promise<void> {
    const plain = $state.snapshot(config);
    await this.#follow(plain, null, (onEvent) =>
      this.#trainer.call('train.start', { config: plain }, { onEvent }),
    );
  }

  /** Goes on with a run that was interrupted, from its last checkpoint. */
  async resume(runId: string): Promise<void> {
    const run = this.#runs.list.find(({ id }) => id === runId) ?? null;
    await this.#follow(run?.config ?? null, run, (onEvent) =>
      this.#trainer.call('train.resume', { runId }, { onEvent }),
    );
  }

  async stop(): Promise<void> {
    if (!this.active || this.stopping) return;
    this.stopping = true;
    try {
      await this.#trainer.call('train.stop', null);
    } catch (error) {
      this.stopping = false;
      this.error = toErrorData(error);
    }
  }

  /** A failure that no stored run tells of: it came before the run had begun, or took it along. */
  get orphanError(): ErrorData | null {
    const kept = this.#runs.list.some(({ id }) => id === this.run?.id);
    return this.active || kept ? null : this.error;
  }
  dismissError(): void {
    this.error = null;
    this.stoppedEarly = false;
  }

  async #follow(
    config: RunConfig | null,
    run: Run | null,
    call: (onEvent: (event: TrainEvent) => void) => Promise<Run>,
  ): Promise<void> {
    if (this.active) return;
    this.#reset(config, run);
    try {
      const ended = await call((event) => this.#take(event));
      this.run = ended;
      this.#runs.put(ended);
      this.#runs.select(ended.id);
    } catch (error) {
      const data = toErrorData(error);
      // The worker has written down how the run ended, if it lived to do so.
      await this.#runs.load();
      this.stoppedEarly = data.code === 'cancelled';
      this.error = this.stoppedEarly ? null : data;
    } finally {
      this.active = false;
      this.stopping = false;
    }
  }

  #reset(config: RunConfig | null, run: Run | null): void {
    this.active = true;
    this.stopping = false;
    this.config = config;
    this.run = run;
    this.stage = { stage: 'loading' };
    this.fraction = 0;
    this.imagesPerSecond = null;
    this.secondsLeft = null;
    this.runningLoss = null;
    this.peakBytes = 0;
    this.epochs = run?.epochs ?? [];
    this.best = run?.best ?? null;
    this.notices = [];
    this.error = null;
    this.stoppedEarly = false;
  }

  #take(event: TrainEvent): void {
    switch (event.kind) {
      case 'started':
        this.run = event.run;
        this.config = event.run.config;
        this.epochs = event.run.epochs;
        this.best = event.run.best;
        this.#runs.put(event.run);
        this.#runs.select(event.run.id);
        break;
      case 'progress':
        this.stage = event.stage;
        this.fraction = event.fraction;
        this.imagesPerSecond = event.imagesPerSecond;
        this.secondsLeft = event.secondsLeft;
        this.runningLoss = event.runningLoss ?? this.runningLoss;
        this.peakBytes = Math.max(this.peakBytes, event.memory?.bytes ?? 0);
        break;
      case 'epoch':
        this.epochs = [
          ...this.epochs.filter(({ epoch }) => epoch < event.metrics.epoch),
          event.metrics,
        ];
        this.best = event.best;
        break;
      case 'notice':
        this.notices = [...this.notices, event.notice];
        break;
      default:
        event satisfies never;
    }
  }
}
