/** What every strategy must do, whatever computes it: run by `trainers.test.ts` and on a GPU. */
import { describe, expect, it } from 'vitest';
import { expectedShapes, type StateDict } from '../../src/model/state-dict.ts';
import type { RunConfig, Strategy } from '../../src/protocol/run.ts';
import type { Engine, EngineOptions } from '../../src/train/engine.ts';
import type { Features } from '../../src/train/feature-cache.ts';
import { createTrainer, strategyFacts } from '../../src/train/strategies.ts';
import type { Tick, Trainer } from '../../src/train/trainer.ts';
import { createRandom } from '../../src/util/random.ts';
import { seededState } from '../support/seeded.ts';
import { classes, colours, size, tinyBackbone, tinyConfig } from './support.ts';

export interface EngineUnderTest {
  open(options: EngineOptions): Promise<Engine>;
  /** What would show a leak. */
  memory(): unknown;
}

const counts = { train: 24, val: 9 };
const never = new AbortController().signal;
const quiet = { signal: never, onTick: () => undefined };

function memory() {
  let kept: Features | null = null;
  return { get: () => kept, set: (features: Features) => (kept = features) };
}

export function describeTrainers(under: EngineUnderTest): void {
  async function setUp(config: RunConfig, source = counts, features = memory()) {
    const random = createRandom(config.seed);
    const engine = await under.open({
      backbone: tinyBackbone,
      classes,
      batchSize: config.batchSize,
      imageSize: size,
      headOnly: strategyFacts[config.strategy].headOnly,
      random: random.fork('init'),
    });
    const trainer = createTrainer({
      engine,
      source: colours({ ...source, batchSize: config.batchSize }),
      config,
      random: random.fork('train'),
      features,
    });
    return { engine, trainer, features, dispose: () => engine.dispose() };
  }

  describe.each<Strategy>(['head', 'all', 'scratch'])('strategy %s', (strategy) => {
    it('learns', async () => {
      const { trainer, dispose } = await setUp(tinyConfig({ strategy }));
      await trainer.prepare(quiet);
      const losses = await epochs(trainer, 1, 30);
      expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
      const { logits, labels, ids } = await trainer.validate(30, quiet);
      expect(ids).toHaveLength(counts.val);
      const hits = [...labels].filter((label, n) => {
        const row = [...logits.subarray(n * classes, (n + 1) * classes)];
        return row.indexOf(Math.max(...row)) === label;
      });
      expect(hits).toHaveLength(counts.val);
      dispose();
    });

    it('is the same run for the same seed, and another for another', async () => {
      const losses = [];
      for (const seed of [1, 1, 2]) {
        const { trainer, dispose } = await setUp(tinyConfig({ strategy, seed }));
        await trainer.prepare(quiet);
        losses.push(await epochs(trainer, 1, 2));
        dispose();
      }
      expect(losses[0]).toEqual(losses[1]);
      expect(losses[0]).not.toEqual(losses[2]);
    });

    it('goes on from a checkpoint as if nothing had happened', async () => {
      const config = tinyConfig({ strategy });
      const whole = await setUp(config);
      const start = startingState();
      const load = strategy === 'head' ? { head: 'skip' as const } : {};
      whole.engine.loadStateDict(start, load);
      await whole.trainer.prepare(quiet);
      const expected = await epochs(whole.trainer, 1, 4);

      const first = await setUp(config);
      first.engine.loadStateDict(start, load);
      await first.trainer.prepare(quiet);
      const before = await epochs(first.trainer, 1, 2);
      const model = await first.trainer.weights();
      const optimizer = structuredClone(await first.trainer.optimizerState());
      first.dispose();

      const second = await setUp(config);
      second.engine.loadStateDict(strategy === 'head' ? new Map([...start, ...model]) : model);
      second.trainer.restoreOptimizer(optimizer);
      await second.trainer.prepare(quiet);
      const after = await epochs(second.trainer, 3, 4);
      expect([...before, ...after]).toEqual(expected);
      const [a, b] = [await whole.trainer.weights(), await second.trainer.weights()];
      expect(weightsDiffer(a, b)).toEqual([]);
      whole.dispose();
      second.dispose();
    });

    it('gives all its memory back, also when cancelled', async () => {
      const before = under.memory();
      const { trainer, dispose } = await setUp(tinyConfig({ strategy }));
      const stop = new AbortController();
      const context = {
        signal: stop.signal,
        onTick: ({ stage }: Tick) => {
          if (stage.stage === 'training' && stage.epoch === 2) stop.abort();
        },
      };
      await trainer.prepare(context);
      await trainer.trainEpoch(1, context);
      await trainer.validate(1, context);
      await expect(trainer.trainEpoch(2, context)).rejects.toThrow();
      dispose();
      expect(under.memory()).toEqual(before);
    });

    it('ticks once for each photo', async () => {
      const { trainer, dispose } = await setUp(tinyConfig({ strategy }));
      const seen = { preparing: 0, training: 0, validating: 0 };
      const context = {
        signal: never,
        onTick: ({ stage, photos }: Tick) => (seen[stage.stage] += photos),
      };
      const { work } = trainer;
      await trainer.prepare(context);
      await trainer.trainEpoch(1, context);
      await trainer.validate(1, context);
      expect(seen).toEqual({
        preparing: work.preparing.photos,
        training: work.training.photos,
        validating: work.validating.photos,
      });
      dispose();
    });
  });

  describe('head only', () => {
    it('changes the head and nothing else', async () => {
      const { trainer, dispose } = await setUp(tinyConfig({ strategy: 'head' }));
      const before = await trainer.weights();
      await trainer.prepare(quiet);
      await trainer.trainEpoch(1, quiet);
      const after = await trainer.weights();
      expect([...after.keys()]).toEqual(['fc.weight', 'fc.bias']);
      expect(weightsDiffer(before, after)).toEqual(['fc.weight', 'fc.bias']);
      dispose();
    });

    it('uses the features that are there already', async () => {
      const first = await setUp(tinyConfig({ strategy: 'head' }));
      await first.trainer.prepare(quiet);
      const expected = await epochs(first.trainer, 1, 1);
      first.dispose();
      const second = await setUp(tinyConfig({ strategy: 'head' }), counts, first.features);
      expect(second.trainer.work.preparing.photos).toBe(0);
      await second.trainer.prepare({
        signal: never,
        onTick: () => expect.fail('nothing is left to prepare'),
      });
      expect(await epochs(second.trainer, 1, 1)).toEqual(expected);
      second.dispose();
    });

    it('takes one view where nothing is augmented', async () => {
      const { trainer, dispose } = await setUp(
        tinyConfig({ strategy: 'head', augment: 'none', views: 4 }),
      );
      expect(trainer.work.preparing.photos).toBe(counts.train + counts.val);
      dispose();
    });
  });

  describe('all layers', () => {
    it('leaves out a last batch of one photo, which batch norm cannot take', async () => {
      const { trainer, dispose } = await setUp(tinyConfig({ strategy: 'all' }), {
        train: 17,
        val: 3,
      });
      const totals = await trainer.trainEpoch(1, quiet);
      expect(totals).toMatchObject({ count: 16, steps: 2, dropped: 1 });
      dispose();
    });

    it('tells the running loss', async () => {
      const { trainer, dispose } = await setUp(tinyConfig({ strategy: 'all' }));
      const losses: (number | null)[] = [];
      const totals = await trainer.trainEpoch(1, {
        signal: never,
        onTick: ({ runningLoss }) => losses.push(runningLoss),
      });
      expect(losses).toHaveLength(3);
      expect(losses[0]).toBeGreaterThan(0);
      expect(totals.loss).toBeGreaterThan(0);
      dispose();
    });
  });
}

async function epochs(trainer: Trainer, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let epoch = from; epoch <= to; epoch++) {
    losses.push((await trainer.trainEpoch(epoch, quiet)).loss);
  }
  return losses;
}

/** Seeded weights for the tiny network. */
function startingState(): StateDict {
  return seededState(expectedShapes(tinyBackbone, classes));
}

function weightsDiffer(a: StateDict, b: StateDict): string[] {
  return [...a.keys()].filter((name) => String(a.get(name)?.data) !== String(b.get(name)?.data));
}
