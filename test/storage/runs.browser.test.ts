import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/protocol/errors.ts';
import {
  backboneWeightsInUse,
  deleteSlots,
  loadBest,
  loadCheckpoint,
  saveCheckpoint,
} from '../../src/storage/checkpoints.ts';
import { store } from '../../src/storage/database.ts';
import {
  deleteRun,
  getEvaluation,
  getRun,
  listRuns,
  putResult,
  putRun,
} from '../../src/storage/runs.ts';
import { evaluate } from '../../src/evaluate/evaluation.ts';
import { someBest, someCheckpoint, someRun } from './support.ts';

const evaluation = evaluate('r1', someBest(1).outputs, () => 'val/a.jpg');

beforeEach(async () => {
  for (const name of ['runs', 'evaluations', 'checkpoints'] as const) {
    await store(name)('readwrite', (objectStore) => {
      objectStore.clear();
    });
  }
});

describe('runs', () => {
  it('are listed newest first', async () => {
    await putRun(someRun('old', { createdAt: 1 }));
    await putRun(someRun('new', { createdAt: 2 }));
    expect((await listRuns()).map(({ id }) => id)).toEqual(['new', 'old']);
    expect(await getRun('old')).toEqual(someRun('old'));
  });

  it('are missed by name', async () => {
    const missing = getRun('nowhere');
    await expect(missing).rejects.toEqual(new AppError('run-not-found', { id: 'nowhere' }));
  });

  it('go with everything that is theirs, and leave the others', async () => {
    for (const id of ['r1', 'r10']) {
      await saveCheckpoint(someRun(id), someCheckpoint(1), someBest(1));
      await putResult(someRun(id), { ...evaluation, runId: id });
    }
    await deleteRun('r1');
    expect((await listRuns()).map(({ id }) => id)).toEqual(['r10']);
    expect(await getEvaluation('r1')).toBeNull();
    expect(await loadCheckpoint('r1')).toBeNull();
    expect(await loadBest('r1')).toBeNull();
    expect((await getEvaluation('r10'))?.predictions[0]?.path).toBe('val/a.jpg');
    expect(await loadBest('r10')).toEqual(someBest(1));
  });
});

describe('checkpoints', () => {
  it('are there as they were put, the newest of them, with the run and the best apart', async () => {
    expect(await loadCheckpoint('r1')).toBeNull();
    for (const epoch of [1, 2, 3]) {
      const best = epoch === 2 ? someBest(epoch) : null;
      await saveCheckpoint(someRun('r1', { createdAt: epoch }), someCheckpoint(epoch), best);
    }
    expect(await loadCheckpoint('r1')).toEqual(someCheckpoint(3));
    expect(await loadBest('r1')).toEqual(someBest(2));
    expect((await getRun('r1')).createdAt).toBe(3);
  });

  it('leave the last good one when a write fails', async () => {
    await saveCheckpoint(someRun('r1'), someCheckpoint(1), someBest(1));
    const broken = { ...someBest(2), outputs: () => 'functions cannot be stored' };
    const writing = saveCheckpoint(
      someRun('r1', { createdAt: 2 }),
      someCheckpoint(2),
      broken as never,
    );
    await expect(writing).rejects.toThrow();
    expect(await loadCheckpoint('r1')).toEqual(someCheckpoint(1));
    expect(await loadBest('r1')).toEqual(someBest(1));
    expect((await getRun('r1')).createdAt).toBe(1);
  });

  it('go when the run has ended, and the best stays', async () => {
    await saveCheckpoint(someRun('r1'), someCheckpoint(1), someBest(1));
    await saveCheckpoint(someRun('r1'), someCheckpoint(2), null);
    await deleteSlots('r1');
    expect(await loadCheckpoint('r1')).toBeNull();
    expect(await loadBest('r1')).toEqual(someBest(1));
  });

  it('name the backbone weights that heads stand on', async () => {
    await saveCheckpoint(someRun('r1'), someCheckpoint(1), someBest(1, 'aa'));
    await saveCheckpoint(someRun('r2'), someCheckpoint(1), someBest(1, 'bb'));
    await saveCheckpoint(someRun('r3'), someCheckpoint(1), someBest(1));
    expect(await backboneWeightsInUse()).toEqual(new Set(['aa', 'bb']));
    await deleteRun('r2');
    expect(await backboneWeightsInUse()).toEqual(new Set(['aa']));
  });
});
