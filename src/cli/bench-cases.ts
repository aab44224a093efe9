/**
 * What `npm run bench` measures: the names of its cases, and what comes out of one. Shared by the
 * command and by the page that does the work (`test/bench`).
 */
import { kernelName, kernelSpecs, usualKernels, type KernelSpec } from './bench-kernels.ts';
import { backboneNames, type BackboneName } from '../protocol/backbone.ts';

/**
 * `step`: one training step, forward, backward and optimizer, all layers trained. `features`: one
 * forward pass in eval mode, batch norm folded into the convolutions. `head`: a whole job, the
 * frozen backbone run over all photos and a head trained on what it says.
 */
export interface NetworkCase {
  readonly name: string; // 'step/resnet18/64/b4/all'
  readonly kind: 'step' | 'features' | 'head';
  readonly backbone: BackboneName;
  readonly size: number; // px
  readonly batch: number;
  readonly job?: { readonly photos: number; readonly epochs: number }; // of `head`
}

/** One op by itself, as a training step uses it. */
export interface KernelCase {
  readonly name: string; // 'kernel/conv2d/forward/b4x16x16x64-64k3s1'
  readonly kind: 'kernel';
  readonly kernel: KernelSpec;
}

export type BenchCase = NetworkCase | KernelCase;

const kernelCases: readonly KernelCase[] = kernelSpecs.map((kernel) => ({
  ...{ name: kernelName(kernel), kind: 'kernel', kernel },
}));

export const benchCases: readonly BenchCase[] = [
  ...backboneNames.flatMap((backbone) =>
    [64, 128, 224].flatMap((size) => [4, 32].map((batch) => stepCase(backbone, size, batch))),
  ),
  ...backboneNames.map((backbone) => featuresCase(backbone, 224, 8)),
  ...backboneNames.map((backbone) => headCase(backbone, 224, { photos: 4376, epochs: 20 })),
  ...kernelCases,
];

/** What runs when nothing is named: a few minutes on two slow cores. */
export const usualCases: readonly BenchCase[] = [
  ...backboneNames.map((backbone) => stepCase(backbone, 64, 4)),
  featuresCase('efficientnet_lite0', 224, 8),
  ...kernelCases.filter(({ name }) => usualKernels.includes(name)),
];

function stepCase(backbone: BackboneName, size: number, batch: number): NetworkCase {
  const name = `step/${backbone}/${size}/b${batch}/all`;
  return { name, kind: 'step', backbone, size, batch };
}

function featuresCase(backbone: BackboneName, size: number, batch: number): NetworkCase {
  return {
    name: `features/${backbone}/${size}/b${batch}`,
    kind: 'features',
    backbone,
    size,
    batch,
  };
}

function headCase(
  backbone: BackboneName,
  size: number,
  job: { photos: number; epochs: number },
): BenchCase {
  const name = `head/${backbone}/${size}/n${job.photos}/e${job.epochs}`;
  return { name, kind: 'head', backbone, size, batch: 32, job };
}

export function findCase(name: string): BenchCase | undefined {
  return benchCases.find((one) => one.name === name);
}

/** What a GPU is asked to do in a steady step, after the first one has made what stays. */
export interface GpuWork {
  dispatches: number;
  submits: number; // with the one that reads the result
  buffers: number; // created
  bindGroups: number; // created
  uploadBytes: number; // beside the batch, which is there before the step
  peakBytes: number; // the most that buffers held, TF.js's pool included
  boundBytes: number; // sum over dispatches of the buffers bound to them
}

/** Of one step; null where it cannot be measured (`CaseResult.notes` says why). */
export type Measures = { ms: number | null; hostMs: number | null } & {
  [K in keyof GpuWork]: number | null;
};

export interface CaseResult {
  name: string;
  ours: Measures;
  stock: Measures | null;
  /** Stock's median time over ours; null without both. */
  ratio: number | null;
  notes: string[];
}
