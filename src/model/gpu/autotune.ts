/**
 * Tiles chosen on the user's own device: a few variants of every class of convolution are run, their
 * numbers held to those of a plain kernel, and the fastest is kept, for this start and the next ones.
 * The time is bounded; what it does not reach keeps its default and is tried at the next start.
 */
import { isSoftwareAdapter } from '../../device/adapter.ts';
import { hash32 } from '../../util/random.ts';
import { resolveWindow } from '../../ops/window.ts';
import { choicesFor, type KernelChoices } from './kernel-choices.ts';
import { convParts, shapeClasses, type ShapeClass } from './shape-classes.ts';
import type { PlanOptions } from './step-plan.ts';
import { createStopwatch, type Stopwatch } from './stopwatch.ts';
import {
  tileName,
  tilesOf,
  variantsFor,
  withTiles,
  type Tile,
  type TileVariants,
} from './tile-variants.ts';
import { createTrialBench } from './trial-bench.ts';
import { slotSizes, trialPrograms, trialShape } from './trial-programs.ts';
import { openRecord, type TuningCache, type TuningRecord } from './tuning-cache.ts';

export interface TuneSettings {
  /** Emulated GPUs keep their defaults unless this is set: a trial takes seconds there. */
  readonly evenEmulated?: boolean;
  readonly budgetMs?: number;
  readonly now?: () => number; // milliseconds
  readonly variants?: TileVariants;
  readonly programs?: typeof trialPrograms;
  readonly createStopwatch?: typeof createStopwatch;
}

const usualBudgetMs = 2000;

/** Throws when aborted, and when the device is lost on the way. */
export async function tunedChoices(
  device: GPUDevice,
  options: Omit<PlanOptions, 'choices'>,
  cache: TuningCache,
  signal: AbortSignal,
  settings: TuneSettings = {},
): Promise<KernelChoices> {
  const software = isSoftwareAdapter(device.adapterInfo);
  const base = choicesFor(device);
  if (software && settings.evenEmulated !== true) return base;
  const variants = settings.variants ?? variantsFor(device, software);
  const programs = settings.programs ?? trialPrograms;
  const key = cacheKey(device, variants, base, programs);
  const record = await openRecord(cache, key).catch(() => null);
  if (record === null) return base; // without a place for the marks no trial is safe
  const classes = shapeClasses({ ...options, choices: base }).filter(
    (one) => record.chosen[one.key] === undefined,
  );
  if (classes.length > 0) {
    const now = settings.now ?? (() => performance.now());
    const tuning = {
      ...{ device, base, variants, programs, record, signal, now },
      deadline: now() + (settings.budgetMs ?? usualBudgetMs),
      stopwatch: (settings.createStopwatch ?? createStopwatch)(device, now),
      save: () => cache.save(key, record),
    };
    await tuneAll(tuning, classes);
  }
  return withTiles(base, variants, record.chosen);
}

interface Tuning {
  readonly device: GPUDevice;
  readonly base: KernelChoices;
  readonly variants: TileVariants;
  readonly programs: typeof trialPrograms;
  readonly record: TuningRecord;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly deadline: number;
  readonly stopwatch: Stopwatch;
  readonly save: () => Promise<void>;
}

async function tuneAll(tuning: Tuning, classes: readonly ShapeClass[]): Promise<void> {
  const { device, record, now, deadline, stopwatch, save } = tuning;
  let lost: GPUDeviceLostInfo | null = null;
  void device.lost.then((info) => (lost = info));
  try {
    for (const one of classes) {
      if (now() >= deadline) break;
      const best = await tuneClass(tuning, one);
      if (best !== null) record.chosen[one.key] = best;
    }
    record.trying = null;
    await save();
  } catch (error) {
    // Where the device died, the mark stays: that is how the next start knows.
    if (lost === null && tuning.signal.aborted) {
      record.trying = null;
      await save();
    }
    throw error;
  } finally {
    stopwatch.destroy();
  }
}

/** The name of the fastest tile; null where the reference itself does not run. */
async function tuneClass(tuning: Tuning, one: ShapeClass): Promise<string | null> {
  const { device, base, programs, record, signal, now, deadline, stopwatch, save } = tuning;
  const shape = trialShape(one.shape);
  const bench = createTrialBench(device, shape.batch, stopwatch);
  let best: { name: string; ms: number } | null = null;
  try {
    for (const [index, tile] of tilesToTry(tuning, one).entries()) {
      signal.throwIfAborted();
      if (index > 0 && (best === null || now() >= deadline)) break;
      const name = tileName(tile);
      const mark = `${one.part}/${name}`;
      if (record.banned.includes(mark)) continue;
      record.trying = mark;
      await save();
      const trial = { part: one.part, shape, tile };
      const ms = await bench.time(programs(trial, base), slotSizes(trial, base));
      if (ms !== null && (best === null || ms < best.ms)) best = { name, ms };
    }
    return best?.name ?? null;
  } finally {
    bench.destroy();
  }
}

/** The reference first, the default next, then the others. */
function tilesToTry({ variants, base }: Tuning, { part, shape }: ShapeClass): Tile[] {
  const [reference, ...others] = tilesOf(variants, part);
  const usual = part === 'filter' ? base.filter(shape) : base.gather(part, shape);
  const tiles = reference === undefined ? [] : [reference, usual, ...others];
  return [...new Map(tiles.map((tile) => [tileName(tile), tile])).values()];
}

/** Another adapter, browser, driver or kernel: another record. */
function cacheKey(
  device: GPUDevice,
  variants: TileVariants,
  base: KernelChoices,
  programs: typeof trialPrograms,
): string {
  const window = resolveWindow([8, 8], { kernel: 3, stride: 2, padding: { mode: 'same' } });
  const shape = { batch: 2, inChannels: 8, outChannels: 8, window };
  const trials = convParts.flatMap((part) =>
    tilesOf(variants, part).map((tile) => ({ part, shape, tile })),
  );
  const texts = trials.flatMap((trial) => programs(trial, base)).map(({ wgsl }) => wgsl);
  const { vendor, architecture, device: name, description } = device.adapterInfo;
  const adapter = [vendor, architecture, name, description].join('/');
  return `${adapter} ${navigator.userAgent} ${hash32(texts.join('')).toString(16)}`;
}
