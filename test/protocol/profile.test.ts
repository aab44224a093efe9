import { expect, it } from 'vitest';
import { byOp, hostShare, mergeRows, sharesOf, totalOf } from '../../src/protocol/profile.ts';
import { fakeProfile } from '../ui/support/fake-profile.ts';

const { rows, step } = fakeProfile;
const [convolution] = rows;
if (!convolution) throw new Error('no rows');

it('sums rows of one kernel, the slowest first', () => {
  expect(byOp(rows)).toEqual([
    { node: '', op: 'conv2d/forward', dispatches: 2, gpuMs: 8, flops: 4e9, boundBytes: 40e6 },
    {
      ...{ node: '', op: 'batch_norm/statistics', dispatches: 2 },
      ...{ gpuMs: 2, flops: 0, boundBytes: 100e6 },
    },
  ]);
});

it('keeps nodes apart when it merges dispatches', () => {
  const again = { ...convolution, gpuMs: 1 };
  const merged = mergeRows([again, ...rows]);
  expect(merged).toHaveLength(3);
  expect(merged[0]).toEqual({
    ...convolution,
    ...{ dispatches: 2, gpuMs: 7, flops: 6e9, boundBytes: 60e6 },
  });
  expect(totalOf(merged)).toEqual(totalOf([again, ...rows]));
});

it('sets a row against the whole and against the device', () => {
  // 3 GFLOP in 6 ms are 500 GFLOPS, 30 MB in 6 ms are 5 GB/s
  expect(sharesOf(convolution, fakeProfile)).toEqual({
    ofTime: 0.6,
    ofFlops: 0.5,
    ofBandwidth: 0.05,
  });
});

it('has no shares of a kernel too short to be seen', () => {
  const none = { ...convolution, gpuMs: 0 };
  expect(sharesOf(none, fakeProfile)).toEqual({ ofTime: 0, ofFlops: 0, ofBandwidth: 0 });
  expect(sharesOf(none, { ...fakeProfile, rows: [none] }).ofTime).toBe(0);
});

it('gives the host its share', () => {
  expect(hostShare(step)).toBe(0.02);
});
