/** Where the time of a training step goes: what the profiler measured, and how it is grouped. */
import type { BackboneName } from './backbone.ts';
import type { DeviceInfo } from './device.ts';

/** Which step: all layers are trained, from random weights, on random pixels. */
export interface ProfileTask {
  backbone: BackboneName;
  imageSize: number; // px
  batchSize: number;
  classes: number;
}

/**
 * How the kernels were timed: by the GPU's own timestamps, which a browser rounds to `quantumNs`
 * (1: it does not), or by submitting each alone and waiting, less `emptyMs`, what waiting for
 * nothing takes.
 */
export type ProfileTiming =
  { by: 'timestamps'; quantumNs: number } | { by: 'submits'; emptyMs: number };

/** All that one node of the description asks of one kernel in a step. */
export interface ProfileRow {
  node: string; // 'layer1.0.conv1'
  op: string; // 'conv2d/forward'
  dispatches: number;
  gpuMs: number;
  flops: number;
  boundBytes: number; // of the buffers bound: what a kernel may read and write
}

/** The most that the device was seen to do, by kernels of our own. */
export interface DevicePeak {
  gflops: number; // float32 matrix product
  gbps: number; // copy, read and written bytes together
}

/** One ordinary step, nothing timed within it. */
export interface ProfiledStep {
  ms: number;
  hostMs: number; // the thread's: the batch handed over, commands encoded
  dispatches: number;
  submits: number;
  buffers: number; // created
  bindGroups: number; // created
  batchBytes: number; // uploaded: the pictures and labels
  uploadBytes: number; // beside the batch
  readBacks: number;
  peakBytes: number; // the most that the network's buffers held
  forecastBytes: number; // what the plan said they would
}

export interface Profile {
  task: ProfileTask;
  device: DeviceInfo;
  timing: ProfileTiming;
  steps: number; // that the kernels were timed in; rows are means
  peak: DevicePeak;
  rows: ProfileRow[];
  step: ProfiledStep;
}

/** What a row says against the whole and against the device. */
export interface ProfileShares {
  ofTime: number; // 0-1, of all kernels
  ofFlops: number; // of the peak
  ofBandwidth: number;
}

export function sharesOf(
  { gpuMs, flops, boundBytes }: Pick<ProfileRow, 'gpuMs' | 'flops' | 'boundBytes'>,
  { rows, peak }: Pick<Profile, 'rows' | 'peak'>,
): ProfileShares {
  const rate = (amount: number, peakGiga: number): number =>
    gpuMs > 0 ? amount / (gpuMs * 1e6) / peakGiga : 0; // a thousandth of a second, a billion
  return {
    ofTime: ratio(gpuMs, totalOf(rows).gpuMs),
    ofFlops: rate(flops, peak.gflops),
    ofBandwidth: rate(boundBytes, peak.gbps),
  };
}

export function totalOf(rows: readonly ProfileRow[]): Omit<ProfileRow, 'node' | 'op'> {
  const sum = (of: (row: ProfileRow) => number): number => rows.reduce((a, row) => a + of(row), 0);
  return {
    dispatches: sum((row) => row.dispatches),
    gpuMs: sum((row) => row.gpuMs),
    flops: sum((row) => row.flops),
    boundBytes: sum((row) => row.boundBytes),
  };
}

/** One row a kernel, the slowest first; `node` is empty. */
export function byOp(rows: readonly ProfileRow[]): ProfileRow[] {
  return mergeRows(rows.map((row) => ({ ...row, node: '' })));
}

/** Rows of the same node and kernel in one, the slowest first. */
export function mergeRows(rows: readonly ProfileRow[]): ProfileRow[] {
  const groups = new Map<string, ProfileRow[]>();
  for (const row of rows) {
    const key = `${row.node}\n${row.op}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()]
    .flatMap((group) => group.slice(0, 1).map((first) => ({ ...first, ...totalOf(group) })))
    .sort((a, b) => b.gpuMs - a.gpuMs);
}

/** The thread's share of a step's time; the rest it is free, or waits for the GPU. */
export function hostShare({ hostMs, ms }: ProfiledStep): number {
  return ratio(hostMs, ms);
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
