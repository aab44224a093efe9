/** Tuning on a GPU, real or emulated: what is tried, refused, banned, kept, and used. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { onGpuError } from '../../../src/device/lost.ts';
import { tunedChoices, type TuneSettings } from '../../../src/model/gpu/autotune.ts';
import { choicesFor } from '../../../src/model/gpu/kernel-choices.ts';
import { classKey, shapeClasses, type ConvPart } from '../../../src/model/gpu/shape-classes.ts';
import { planTraining } from '../../../src/model/gpu/step-plan.ts';
import { tileName, variantsFor, type TileVariants } from '../../../src/model/gpu/tile-variants.ts';
import { trialPrograms } from '../../../src/model/gpu/trial-programs.ts';
import {
  createMemoryCache,
  type TuningCache,
  type TuningRecord,
} from '../../../src/model/gpu/tuning-cache.ts';
import { torchAdam } from '../../../src/ops/optimizer/optimizer.wgsl.ts';
import type { Window } from '../../../src/ops/window.ts';
import { smallBackbone } from '../../bench/small-backbone.ts';
import { openNodeGpu } from '../../support/node-gpu.ts';

const device = await openNodeGpu();
const options = { backbone: smallBackbone, classes: 5, batch: 2, size: 16, slabBytes: 2 ** 27 };
const never = new AbortController().signal;

/** The reference and default, and one more. */
const variants: TileVariants = {
  gather: [
    { kind: 'direct', rows: 4, columns: 2 },
    { kind: 'direct', rows: 1, columns: 1 },
  ],
  filter: [
    { kind: 'direct', rows: 2, columns: 2 },
    { kind: 'direct', rows: 1, columns: 1 },
  ],
};

const gpuErrors: string[] = [];
onGpuError((detail) => gpuErrors.push(detail));
afterEach(() => {
  vi.restoreAllMocks();
  expect(gpuErrors.splice(0)).toEqual([]);
});

/** A memory cache whose last record can be seen. */
function watchedCache(): TuningCache & { last(): TuningRecord } {
  const cache = createMemoryCache();
  let last: TuningRecord | null = null;
  return {
    load: (key) => cache.load(key),
    save(key, record) {
      last = structuredClone(record);
      return cache.save(key, record);
    },
    last() {
      if (last === null) throw new Error('nothing was saved');
      return last;
    },
  };
}

interface Tried {
  part: ConvPart;
  tile: string;
}

/** Trials take the time that `ms` says; `change` alters a trial's WGSL. */
function settingsWith(
  ms: (tried: Tried) => number,
  change: (tried: Tried, wgsl: string) => string = (_, wgsl) => wgsl,
): TuneSettings & { timed: Tried[] } {
  const byText = new Map<string, Tried>();
  const timed: Tried[] = [];
  return {
    timed,
    variants,
    evenEmulated: true,
    budgetMs: Infinity,
    programs(trial, choices) {
      const tried = { part: trial.part, tile: tileName(trial.tile) };
      return trialPrograms(trial, choices).map((program) => {
        const wgsl = change(tried, program.wgsl);
        byText.set(wgsl, tried);
        return { ...program, wgsl };
      });
    },
    createStopwatch: () => ({
      time(work) {
        const tried = byText.get(work[0]?.program.wgsl ?? '');
        if (tried === undefined) throw new Error('work that is no trial');
        timed.push(tried);
        return Promise.resolve(ms(tried));
      },
      destroy: () => undefined,
    }),
  };
}

const small = 'direct 1x1';
const smallWins = ({ tile }: Tried): number => (tile === small ? 1 : 2);

describe.skipIf(device === null)('tuning', () => {
  const gpu = (): GPUDevice => {
    if (device === null) throw new Error('no device');
    return device;
  };
  const tune = (cache: TuningCache, settings: TuneSettings, signal = never) =>
    tunedChoices(gpu(), options, cache, signal, settings);

  it('gives plans the tiles that won, and defaults to all else', async () => {
    const cache = watchedCache();
    const choices = await tune(
      cache,
      settingsWith((tried) => (tried.part === 'input' ? 3 - smallWins(tried) : smallWins(tried))),
    );
    const base = choicesFor(gpu());
    const classes = shapeClasses({ ...options, choices: base });
    expect(Object.keys(cache.last().chosen).sort()).toEqual(classes.map(({ key }) => key).sort());
    const asked: Record<string, Set<string>> = { forward: new Set(), input: new Set() };
    const noting: typeof choices = {
      ...choices,
      gather(direction, shape) {
        const tile = choices.gather(direction, shape);
        asked[direction]?.add(tileName(tile));
        return tile;
      },
    };
    const plan = planTraining({ ...options, choices: noting }, { rule: torchAdam });
    expect(asked).toEqual({ forward: new Set([small]), input: new Set(['direct 4x2']) });
    const usual = planTraining({ ...options, choices: base }, { rule: torchAdam });
    const texts = (label: string, { dispatches }: typeof plan) =>
      dispatches
        .filter(({ program }) => program.label === label)
        .map(({ program }) => program.wgsl);
    expect(texts('conv2d/forward', plan)).not.toEqual(texts('conv2d/forward', usual));
    expect(texts('conv2d/input_gradient', plan)).toEqual(texts('conv2d/input_gradient', usual));

    const [one] = classes;
    if (one === undefined) throw new Error('no class');
    const other = { ...one.shape, outChannels: 4096 }; // of no class that was tuned
    expect(choices.filter(other)).toEqual(base.filter(other));
  });

  it('tries nothing when the cache knows all', async () => {
    const cache = createMemoryCache();
    const settings = settingsWith(smallWins);
    const first = await tune(cache, settings);
    expect(settings.timed.length).toBeGreaterThan(10);
    const trials = settings.timed.length;
    const dispatch = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
    const second = await tune(cache, settings);
    expect(dispatch).not.toHaveBeenCalled();
    expect(settings.timed).toHaveLength(trials);
    const { shape } = shapeClasses({ ...options, choices: first })[0] ?? {};
    if (shape === undefined) throw new Error('no class');
    expect(tileName(second.filter(shape))).toBe(tileName(first.filter(shape)));
  });

  it('refuses a variant that computes something else, and one that does not compile', async () => {
    const wrong = ({ part, tile }: Tried, wgsl: string): string => {
      if (tile !== small) return wgsl;
      if (part === 'forward') return wgsl.replaceAll('a0.x * b0_0', '1.001 * a0.x * b0_0');
      return part === 'filter' ? `${wgsl}\nnonsense` : wgsl;
    };
    const cache = watchedCache();
    const settings = settingsWith(smallWins, wrong);
    await tune(cache, settings);
    const chosen = Object.entries(cache.last().chosen);
    const tilesOf = (part: ConvPart) =>
      new Set(chosen.filter(([key]) => key.startsWith(part)).map(([, tile]) => tile));
    expect(tilesOf('forward')).toEqual(new Set(['direct 4x2']));
    expect(tilesOf('filter')).toEqual(new Set(['direct 2x2']));
    expect(tilesOf('input')).toEqual(new Set([small]));
    expect(settings.timed.filter(({ part, tile }) => tile === small && part !== 'input')).toEqual(
      [],
    );
    expect(cache.last()).toMatchObject({ trying: null, banned: [] });
  });

  it('never again tries what the GPU died of', async () => {
    const cache = watchedCache();
    const dies = settingsWith(({ part, tile }) => {
      if (part === 'forward' && tile === small) throw new Error('the GPU is gone');
      return 1;
    });
    await expect(tune(cache, dies)).rejects.toThrow('the GPU is gone');
    expect(cache.last()).toMatchObject({ trying: `forward/${small}`, banned: [] });

    const settings = settingsWith(smallWins, (_, wgsl) => wgsl);
    await tune(cache, settings);
    expect(cache.last()).toMatchObject({ trying: null, banned: [`forward/${small}`] });
    const tried = settings.timed.filter(({ tile }) => tile === small);
    expect(new Set(tried.map(({ part }) => part))).toEqual(new Set(['input', 'filter']));
  });

  it('stops when its time is over, and goes on at the next start', async () => {
    const cache = watchedCache();
    let time = 0;
    const clock = { now: () => time, budgetMs: 50 };
    const settings = settingsWith((tried) => {
      time += 20;
      return smallWins(tried);
    });
    await tune(cache, { ...settings, ...clock });
    expect(settings.timed).toHaveLength(3); // the third ends at 60
    expect(Object.keys(cache.last().chosen)).toHaveLength(2);
    await tune(cache, { ...settings, ...clock, budgetMs: Infinity });
    const classes = shapeClasses({ ...options, choices: choicesFor(gpu()) });
    expect(Object.keys(cache.last().chosen)).toHaveLength(classes.length);
  });

  it('can be called off, and keeps what it found', async () => {
    const cache = watchedCache();
    const controller = new AbortController();
    const settings = settingsWith((tried) => {
      if (settings.timed.length === 3) controller.abort();
      return smallWins(tried);
    });
    await expect(tune(cache, settings, controller.signal)).rejects.toThrow(/abort/i);
    expect(cache.last()).toMatchObject({ trying: null, banned: [] });
    expect(Object.keys(cache.last().chosen)).toHaveLength(1);
  });

  it('tries nothing where no mark can be left', async () => {
    const full = {
      load: () => Promise.resolve(null),
      save: () => Promise.reject(new Error('full')),
    };
    const settings = settingsWith(smallWins);
    expect(await tune(full, settings)).toBe(choicesFor(gpu()));
    expect(settings.timed).toEqual([]);
  });

  it('times by itself', async () => {
    const cache = watchedCache();
    const onlyForward = { gather: variants.gather, filter: variants.filter.slice(0, 1) };
    await tune(cache, { evenEmulated: true, variants: onlyForward, budgetMs: 1 });
    expect(Object.keys(cache.last().chosen)).toHaveLength(1);
  });
});

describe.skipIf(device === null)('without being asked', () => {
  it('an emulated GPU keeps its defaults', async () => {
    if (device === null || !/swiftshader/i.test(device.adapterInfo.architecture)) return;
    const save = vi.fn<TuningCache['save']>();
    const cache = { load: () => Promise.resolve(null), save };
    expect(await tunedChoices(device, options, cache, never)).toBe(choicesFor(device));
    expect(save).not.toHaveBeenCalled();
  });
});

it('leaves out tiles that a device has no lanes or memory for', () => {
  const limits = {
    maxComputeInvocationsPerWorkgroup: 128,
    maxComputeWorkgroupSizeX: 128,
    maxComputeWorkgroupStorageSize: 8192,
  } as GPUSupportedLimits;
  const { gather } = variantsFor({ limits }, false);
  const names = gather.map(tileName);
  expect(names).toContain('tiled 64x64x16/8x4'); // 128 lanes, 8 KiB
  expect(names).not.toContain('tiled 64x64x16/4x4'); // 256 lanes
  expect(names).not.toContain('tiled 128x64x16/8x8'); // 12 KiB
});

it('tells shapes apart where another tile may win', () => {
  const window: Window = {
    ...{ kernel: 3, stride: 1, before: [1, 1] as const, after: [1, 1] as const },
    ...{ inSize: [14, 14] as const, outSize: [14, 14] as const },
  };
  const shape = { batch: 32, inChannels: 256, outChannels: 256, window };
  const key = classKey('forward', shape);
  expect(classKey('forward', { ...shape, inChannels: 288 })).toBe(key);
  expect(classKey('forward', { ...shape, outChannels: 64 })).not.toBe(key);
  expect(classKey('filter', shape)).not.toBe(key);
});
