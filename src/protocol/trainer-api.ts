/** Page → trainer worker. */
import type { BackboneInfo, BackboneName } from './backbone.ts';
import type { DeviceInfo, DevicePreference, MemoryInfo } from './device.ts';
import type { Profile, ProfileTask } from './profile.ts';
import type { Report } from './report.ts';
import type { Evaluation, Run, RunConfig, TrainEvent } from './run.ts';

export const exportFormats = ['safetensors'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface TopPrediction {
  label: number;
  probability: number;
}

export interface TriedPhoto {
  probabilities: number[];
  top: TopPrediction[]; // the five best, best first
  ms: number;
}

export interface TrainerApi {
  'device.choose': { params: { preference: DevicePreference }; result: DeviceInfo; event: never };
  'device.memory': { params: null; result: MemoryInfo; event: never };
  'backbones.list': { params: null; result: BackboneInfo[]; event: never };
  /** Checks a `.safetensors` or `.pth` by names and shapes, and keeps it for this backbone. */
  'backbones.addWeights': {
    params: { backbone: BackboneName; file: File };
    result: BackboneInfo;
    event: never;
  };
  'backbones.deleteWeights': {
    params: { backbone: BackboneName };
    result: BackboneInfo;
    event: never;
  };
  'runs.list': { params: null; result: Run[]; event: never };
  'runs.evaluation': { params: { id: string }; result: Evaluation | null; event: never };
  'runs.delete': { params: { id: string }; result: null; event: never };
  /** Resolves when the run has ended, stopped ones included; rejects when it failed. */
  'train.start': { params: { config: RunConfig }; result: Run; event: TrainEvent };
  /** Goes on from the last checkpoint of an interrupted run. */
  'train.resume': { params: { runId: string }; result: Run; event: TrainEvent };
  /** Ends the run at once; the best epoch so far is evaluated and kept. */
  'train.stop': { params: null; result: null; event: never };
  /** Refused while a run is going, and on WASM. */
  'train.profile': { params: ProfileTask; result: Profile; event: never };
  'predict.photo': { params: { runId: string; photo: Blob }; result: TriedPhoto; event: never };
  'export.package': {
    params: { runId: string; format: ExportFormat };
    result: { fileName: string; zip: Blob };
    event: never;
  };
  'export.report': { params: { runId: string }; result: Report; event: never };
}
