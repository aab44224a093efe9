/**
 * A run from stored photos to stored weights, top to bottom. A checkpoint follows every epoch, so
 * that the run can be stopped, can fail or lose its tab at any time, and what it learned is kept.
 */
import type { DecodePool } from '../data/decode-pool.ts';
import { assertBackend } from '../device/choose.ts';
import { bestEpoch, validationMetrics } from '../evaluate/evaluation.ts';
import { backbones } from '../model/backbones/index.ts';
import { AppError, toErrorData } from '../protocol/errors.ts';
import type { EpochMetrics, Run, RunStatus } from '../protocol/run.ts';
import { deleteSlots, loadBest, loadCheckpoint, saveCheckpoint } from '../storage/checkpoints.ts';
import { getSamples } from '../storage/datasets.ts';
import { openPacks } from '../storage/packs.ts';
import { deleteRun, putResult } from '../storage/runs.ts';
import { isBetter, type Checkpoint } from '../train/checkpoint.ts';
import type { Engine } from '../train/engine.ts';
import type { FeatureWorkers } from '../train/feature-extractor.ts';
import type { FeatureStore } from '../train/head-trainer.ts';
import { createTrainer, strategyFacts } from '../train/strategies.ts';
import type { Tick, TrainTotals } from '../train/trainer.ts';
import { createRandom, fromState } from '../util/random.ts';
import { evaluateBest } from './evaluate-best.ts';
import { countEpoch } from './gpu-counts.ts';
import { openEngine } from './open-engine.ts';
import { createPhotos, type Photos } from './photo-source.ts';
import { joinHead, loadPretrained, pretrainedId } from './pretrained.ts';
import { asRunError } from './run-error.ts';
import type { RunEvents } from './run-events.ts';
import { requireFinite, withEpoch, withTiming } from './run-record.ts';

export interface JobTools {
  pool: DecodePool;
  /** The features that runs with the same key share. */
  features(key: string): FeatureStore;
  /** Null where the device itself runs the backbone. */
  featureWorkers: FeatureWorkers | null;
  events: RunEvents;
  /** Aborted by the person ('cancelled') or by a device that is gone ('device-lost'). */
  signal: AbortSignal;
}

/** Trains until the last epoch or until stopped, and keeps the best one. */
export async function fineTune(start: Run, tools: JobTools): Promise<Run> {
  let run = start;
  try {
    await train(start, tools, (saved) => (run = saved));
    return await conclude(run, 'finished', tools.events);
  } catch (thrown) {
    const error = asRunError(tools.signal.aborted ? tools.signal.reason : thrown, run.config);
    if (!run.best) {
      await deleteRun(run.id); // nothing was learned, nothing is kept
      throw error;
    }
    if (error.code === 'cancelled') return await conclude(run, 'stopped', tools.events);
    const status = error.code === 'device-lost' ? 'interrupted' : 'failed';
    const failed = { ...run, error: toErrorData(error) };
    // Where that fails too, the first failure is the one to tell.
    await conclude(failed, status, tools.events).catch(() => undefined);
    throw error;
  }
}

async function train(start: Run, tools: JobTools, onSaved: (run: Run) => void): Promise<void> {
  const { events, signal } = tools;
  const { config, device } = start;
  const { headOnly } = strategyFacts[config.strategy];
  const startedAt = performance.now();
  assertBackend(device);
  events.progress({ stage: 'loading' });

  // The photos, and the network: new, or as the last checkpoint left it.
  const photos = await openPhotos(start, tools);
  const checkpoint = await loadCheckpoint(start.id);
  const random = checkpoint ? fromState(checkpoint.random) : createRandom(config.seed);
  const weightsId = await startingWeights(start, checkpoint);
  let engine: Engine | null = null;
  try {
    if (device.backend === 'webgpu') events.progress({ stage: 'compiling' });
    engine = await openEngine(start, tools.featureWorkers, random.fork('init'), signal);
    await loadWeights(engine, weightsId, checkpoint);
    const trainer = createTrainer({
      engine,
      source: photos,
      config,
      random: random.fork('train'),
      features: tools.features(featureKey(start, weightsId)),
    });
    if (checkpoint) trainer.restoreOptimizer(checkpoint.optimizer);
    const epochsDone = checkpoint?.epoch ?? 0;
    const meter = events.measure({ work: trainer.work, epochs: config.epochs, epochsDone });
    const context = {
      signal,
      onTick: ({ stage, photos: count, runningLoss }: Tick) => {
        meter.tick(stage.stage, count);
        events.progress(stage, runningLoss);
      },
    };

    // What is done once.
    await trainer.prepare(context);
    let run = withTiming(start, 'prepareMs', performance.now() - startedAt);

    // Epoch after epoch: train, validate, keep.
    for (let epoch = epochsDone + 1; epoch <= config.epochs; epoch++) {
      const epochAt = performance.now();
      assertBackend(device);
      const counter = countEpoch(device);
      const totals = await trainer.trainEpoch(epoch, context);
      const gpu = counter.read(totals.steps);
      const outputs = await trainer.validate(epoch, context);
      const metrics: EpochMetrics = {
        epoch,
        trainLoss: totals.loss,
        trainTop1: totals.top1,
        ...validationMetrics(outputs),
        learningRate: config.learningRate,
        seconds: (performance.now() - epochAt) / 1000,
      };
      requireFinite(metrics);
      meter.finishEpoch(epoch);

      const bestSoFar = run.epochs.find((earlier) => earlier.epoch === run.best?.epoch) ?? null;
      const isBest = isBetter(metrics, bestSoFar);
      const best = isBest || !run.best ? bestEpoch(epoch, metrics, outputs.ids.length) : run.best;
      run = withEpoch(run, metrics, best, gpu);
      const model = await trainer.weights();
      const optimizer = await trainer.optimizerState();
      const backboneWeights = headOnly ? weightsId : null;
      await saveCheckpoint(
        run,
        { version: 1, epoch, model, optimizer, random: random.state() },
        isBest ? { version: 1, epoch, model, backboneWeights, outputs } : null,
      );
      onSaved(run);
      events.emit({ kind: 'epoch', metrics, best });
      if (epoch === epochsDone + 1) tellOnce(events, photos, totals);
    }
  } finally {
    engine?.dispose();
    photos.close();
  }
}

/** Evaluates the best epoch, puts the run away as it ended, and lets go of what only training needs. */
async function conclude(run: Run, status: RunStatus, events: RunEvents): Promise<Run> {
  const startedAt = performance.now();
  const best = await loadBest(run.id);
  if (!best) throw new AppError('checkpoint-not-found', { id: run.id });
  const total = best.outputs.ids.length;
  events.progress({ stage: 'evaluating', done: 0, total });
  const evaluation = await evaluateBest(run, best);
  events.progress({ stage: 'saving' });
  const ended = withTiming({ ...run, status }, 'evaluateMs', performance.now() - startedAt);
  await putResult(ended, evaluation);
  if (status !== 'interrupted') await deleteSlots(run.id);
  return ended;
}

async function openPhotos(run: Run, { pool }: JobTools): Promise<Photos> {
  const { config, preprocessing, device } = run;
  const onDevice = device.backend === 'webgpu';
  const samples = await getSamples(config.datasetId);
  const { photo } = await openPacks(config.datasetId);
  return createPhotos({ samples, photo, pool, preprocessing, config, onDevice });
}

/** Null where the network starts from nothing, or its checkpoint holds all of it. */
async function startingWeights(run: Run, checkpoint: Checkpoint | null): Promise<string | null> {
  const { pretrained, headOnly } = strategyFacts[run.config.strategy];
  if (!pretrained || (checkpoint && !headOnly)) return null;
  const best = checkpoint ? await loadBest(run.id) : null;
  return best?.backboneWeights ?? pretrainedId(backbones[run.config.backbone]);
}

async function loadWeights(
  engine: Engine,
  weightsId: string | null,
  checkpoint: Checkpoint | null,
): Promise<void> {
  const { backbone } = engine;
  const pretrained = weightsId === null ? null : await loadPretrained(backbone, weightsId);
  if (pretrained && checkpoint) {
    engine.loadStateDict(joinHead(backbone, pretrained, checkpoint.model));
  } else if (pretrained) {
    engine.loadStateDict(pretrained, { head: 'skip' });
  } else if (checkpoint) {
    engine.loadStateDict(checkpoint.model);
  }
}

/** Everything that a feature depends on. */
function featureKey({ config, classes, device }: Run, weightsId: string | null): string {
  const { datasetId, backbone, imageSize, augment, views, seed } = config;
  const { backend } = device;
  const settings = { datasetId, backbone, imageSize, augment, views, seed, backend };
  return JSON.stringify({ weightsId, classes, ...settings });
}

function tellOnce(events: RunEvents, photos: Photos, { dropped }: TrainTotals): void {
  const names = photos.skipped();
  if (names.length > 0)
    events.emit({ kind: 'notice', notice: { notice: 'photos-skipped', names } });
  if (dropped > 0) {
    events.emit({ kind: 'notice', notice: { notice: 'batch-dropped', count: dropped } });
  }
}
