/** export.*: a run as files. How long that took and what it gave is told in the run's report. */
import { exportPackage } from '../export/package.ts';
import { buildReport } from '../export/report.ts';
import { backbones } from '../model/backbones/index.ts';
import { AppError } from '../protocol/errors.ts';
import type { Handlers } from '../protocol/rpc.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';
import { loadBest } from '../storage/checkpoints.ts';
import { getDataset } from '../storage/datasets.ts';
import { getRun } from '../storage/runs.ts';
import { completeWeights } from './pretrained.ts';
import { evaluationOf } from './evaluate-best.ts';

type ExportHandlers = Pick<Handlers<TrainerApi>, 'export.package' | 'export.report'>;

export function exportHandlers(): ExportHandlers {
  const exported = new Map<string, { ms: number; files: string[] }>(); // by run, in this visit

  return {
    async 'export.package'({ runId, format }) {
      const startedAt = performance.now();
      const run = await getRun(runId);
      const best = await loadBest(runId);
      if (!best) throw new AppError('checkpoint-not-found', { id: runId });
      const backbone = backbones[run.config.backbone];
      const result = await exportPackage({
        format,
        backbone,
        stateDict: await completeWeights(backbone, best),
        classes: run.classes,
        preprocessing: run.preprocessing,
        epochs: run.epochs,
        run,
      });
      const { ms = 0, files = [] } = exported.get(runId) ?? {};
      exported.set(runId, {
        ms: ms + performance.now() - startedAt,
        files: [...new Set([...files, result.fileName])],
      });
      return result;
    },

    async 'export.report'({ runId }) {
      const run = await getRun(runId);
      const evaluation = await evaluationOf(run);
      if (!evaluation) throw new AppError('checkpoint-not-found', { id: runId });
      const { ms, files } = exported.get(runId) ?? { ms: 0, files: [] };
      return buildReport(run, evaluation, await getDataset(run.datasetId), ms, files);
    },
  };
}
