/** A profile as plain text, in English: what the bench prints and what the page copies. */
import {
  byOp,
  hostShare,
  sharesOf,
  totalOf,
  type Profile,
  type ProfileRow,
  type ProfileTiming,
} from '../protocol/profile.ts';
import { aligned, bytesText } from '../util/text-table.ts';

export function profileText(profile: Profile): string {
  const { task, device, timing, steps, peak, rows, step } = profile;
  const { backbone, imageSize, batchSize, classes } = task;
  const kernels = totalOf(rows);
  const work = `dispatches ${count(step.dispatches)}, submits ${count(step.submits)}, read-backs ${count(step.readBacks)}`;
  const created = `buffers ${count(step.buffers)}, bind groups ${count(step.bindGroups)}`;
  const uploads = `${bytesText(step.batchBytes)} batch, ${bytesText(step.uploadBytes)} beside it`;
  return [
    `${backbone}, ${imageSize} px, batch ${batchSize}, ${classes} classes, all layers, on ${device.adapter}`,
    `step ${ms(step.ms)}, kernels ${ms(kernels.gpuMs)}, host ${ms(step.hostMs)} (${percent(hostShare(step))} of the step)`,
    `asked of the GPU: ${work}; created: ${created}; uploads: ${uploads}`,
    `memory: ${bytesText(step.peakBytes)} at most, ${bytesText(step.forecastBytes)} by the plan`,
    `measured peak: ${peak.gflops.toFixed(1)} GFLOPS (float32 product), ${peak.gbps.toFixed(1)} GB/s (copy)`,
    `${timingText(timing)}, mean of ${steps} ${steps === 1 ? 'step' : 'steps'}`,
    '',
    ...aligned([['kernel', ...titles], ...byOp(rows).map((row) => [row.op, ...cells(row)])], 1),
    '',
    ...aligned(
      [['node', 'kernel', ...titles], ...rows.map((row) => [row.node, row.op, ...cells(row)])],
      2,
    ),
  ].join('\n');

  function cells(row: ProfileRow): string[] {
    const { ofTime, ofFlops, ofBandwidth } = sharesOf(row, profile);
    return [
      row.gpuMs.toFixed(3),
      percent(ofTime),
      (row.flops / 1e9).toFixed(3),
      row.flops > 0 ? percent(ofFlops) : '-',
      (row.boundBytes / 1e6).toFixed(2),
      percent(ofBandwidth),
      String(row.dispatches),
    ];
  }
}

const titles = ['ms', 'time', 'GFLOP', 'of peak', 'MB bound', 'of copy', 'dispatches'];

function timingText(timing: ProfileTiming): string {
  if (timing.by === 'submits') {
    return `kernels submitted one by one on the clock, less ${ms(timing.emptyMs)} that waiting takes (no timestamps here)`;
  }
  const { quantumNs } = timing;
  const rounded = quantumNs >= 1000 ? `, rounded to ${(quantumNs / 1000).toFixed(1)} us` : '';
  return `kernels timed by the GPU's timestamps${rounded}`;
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}

/** Of a mean, which is whole unless something is not steady. */
function count(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
