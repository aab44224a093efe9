import { expect, it } from 'vitest';
import { profileText } from '../../src/i18n/profile-text.ts';
import { fakeProfile } from '../ui/support/fake-profile.ts';

it('says all of a profile in lines that stand under each other', () => {
  expect(profileText(fakeProfile)).toBe(
    [
      'resnet18, 64 px, batch 4, 10 classes, all layers, on Test GPU',
      'step 12.5 ms, kernels 10.0 ms, host 0.25 ms (2.0 % of the step)',
      'asked of the GPU: dispatches 4, submits 1, read-backs 0; created: buffers 0, bind groups 0; uploads: 262.16 KB batch, 32 B beside it',
      'memory: 183.90 MB at most, 180.00 MB by the plan',
      'measured peak: 1000.0 GFLOPS (float32 product), 100.0 GB/s (copy)',
      "kernels timed by the GPU's timestamps, rounded to 65.5 us, mean of 12 steps",
      '',
      'kernel                    ms    time  GFLOP  of peak  MB bound  of copy  dispatches',
      'conv2d/forward         8.000  80.0 %  4.000   50.0 %     40.00    5.0 %           2',
      'batch_norm/statistics  2.000  20.0 %  0.000        -    100.00   50.0 %           2',
      '',
      'node            kernel                    ms    time  GFLOP  of peak  MB bound  of copy  dispatches',
      'layer1.0.conv1  conv2d/forward         6.000  60.0 %  3.000   50.0 %     30.00    5.0 %           1',
      'layer1.0.bn1    batch_norm/statistics  2.000  20.0 %  0.000        -    100.00   50.0 %           2',
      'conv1           conv2d/forward         2.000  20.0 %  1.000   50.0 %     10.00    5.0 %           1',
    ].join('\n'),
  );
});

it.each([
  [
    { by: 'timestamps', quantumNs: 1 } as const,
    "kernels timed by the GPU's timestamps, mean of 1 step",
  ],
  [
    { by: 'submits', emptyMs: 0.31 } as const,
    'kernels submitted one by one on the clock, less 0.31 ms that waiting takes (no timestamps here), mean of 1 step',
  ],
])('says how kernels were timed: %j', (timing, sentence) => {
  expect(profileText({ ...fakeProfile, timing, steps: 1 }).split('\n')[5]).toBe(sentence);
});
