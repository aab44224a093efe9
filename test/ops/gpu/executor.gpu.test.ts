/** Pipelines that don't compile, and buffers that don't fit, are named with their reasons. */
import { describe, expect, it } from 'vitest';
import { header, type Program } from '../../../src/ops/gpu/program.ts';
import { noGpu, run } from '../../support/on-gpu.ts';

function program(body: string): Program {
  const bindings = [{ name: 'y', type: 'f32' }];
  const wgsl = `${header(bindings)}
@compute @workgroup_size(1)
fn main() {
  ${body}
}
`;
  return { label: 'probe', wgsl, bindings, workgroups: [1, 1, 1], flops: 0 };
}

describe.skipIf(noGpu)('programs on a GPU', () => {
  it('fail with the first message of the compiler and its line', async () => {
    const broken = run(program('let target = 1.0;\n  y[0] = target;'), { y: 4 }, 1);
    await expect(broken).rejects.toThrow(
      /^probe: line \d+: .*reserved keyword\nlet target = 1.0;$/,
    );
  });

  it('run after one that failed', async () => {
    const found = await run(program('y[0] = f32(step.batch) * step.lossScale;'), { y: 1 }, 7);
    expect([...found('y')]).toEqual([7]);
  });
});
