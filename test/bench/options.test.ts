import { describe, expect, it } from 'vitest';
import { benchCases, usualCases } from '../../src/cli/bench-cases.ts';
import { parseBenchOptions } from '../../src/cli/bench-options.ts';
import { usualKernels } from '../../src/cli/bench-kernels.ts';
import { UsageError } from '../../src/cli/errors.ts';

const parse = (line: string) => parseBenchOptions(line.split(' ').filter(Boolean));

describe('parseBenchOptions', () => {
  it('takes a handful of cases and the app’s own choice of device by default', () => {
    expect(parse('')).toEqual({
      cases: usualCases,
      device: 'auto',
      runtime: 'page',
      dry: false,
      ours: false,
      profile: false,
      tune: false,
      json: null,
      torch: null,
    });
    const names = usualCases.map(({ name }) => name);
    expect(names.slice(0, 4)).toEqual([
      'step/efficientnet_lite0/64/b4/all',
      'step/resnet18/64/b4/all',
      'step/mobilenet_v2/64/b4/all',
      'features/efficientnet_lite0/224/b8',
    ]);
    expect(names.slice(4)).toEqual(usualKernels);
  });

  it('reads every option', () => {
    const line =
      '--only step/resnet18/224/b32/all --device webgpu --json out.json --torch torch.json';
    expect(parse(line)).toEqual({
      cases: [
        {
          name: 'step/resnet18/224/b32/all',
          kind: 'step',
          backbone: 'resnet18',
          size: 224,
          batch: 32,
        },
      ],
      device: 'webgpu',
      runtime: 'page',
      dry: false,
      ours: false,
      profile: false,
      tune: false,
      json: 'out.json',
      torch: 'torch.json',
    });
  });

  it('knows every case by a name of its own', () => {
    expect(new Set(benchCases.map(({ name }) => name)).size).toBe(benchCases.length);
    for (const one of benchCases) expect(parse(`--only ${one.name}`).cases).toEqual([one]);
    expect(benchCases.map(({ name }) => name)).toContain('step/efficientnet_lite0/128/b32/all');
  });

  it('counts on a GPU, emulated or not, when nothing is to run', () => {
    expect(parse('--dry')).toMatchObject({ dry: true, device: 'webgpu' });
    expect(parse('--dry --device auto')).toMatchObject({ dry: true, device: 'webgpu' });
  });

  it('takes several names, and patterns of them', () => {
    const names = (line: string) => parse(line).cases.map(({ name }) => name);
    expect(names('--only features/resnet18/224/b8 --only step/resnet18/64/b4/all')).toEqual([
      'step/resnet18/64/b4/all',
      'features/resnet18/224/b8',
    ]);
    const sizes = names('--only step/resnet18/*/b4/all --only step/resnet18/64/b*/all');
    expect(sizes).toHaveLength(4);
    expect(sizes.every((name) => name.startsWith('step/resnet18/'))).toBe(true);
    expect(names('--only *')).toHaveLength(benchCases.length);
  });

  it('profiles steps, on a GPU', () => {
    const { profile, device, cases } = parse('--profile');
    expect({ profile, device }).toEqual({ profile: true, device: 'webgpu' });
    expect(cases).toEqual(usualCases.filter(({ kind }) => kind === 'step'));
    expect(parse('--profile --only */resnet18/64/b4/all').cases).toHaveLength(1);
  });

  it('knows kernels by op, part and shape', () => {
    const names = (line: string) => parse(line).cases.map(({ name }) => name);
    const kernels = names('--only kernel/*');
    expect(kernels).toContain('kernel/conv2d/forward/b4x16x16x64-64k3s1');
    expect(kernels).toContain('kernel/depthwise_conv2d/filter_gradient/b4x14x14x672k5s1');
    expect(kernels).toContain('kernel/adam/step/20x50000');
    expect(kernels.every((name) => name.startsWith('kernel/'))).toBe(true);
    expect(names('--only kernel/*/input_gradient/*k3s2*')).toHaveLength(2);
  });

  it('tunes when told to', () => {
    expect(parse('--tune')).toMatchObject({ tune: true, dry: false });
  });

  it('has nothing but a GPU in node', () => {
    expect(parse('--runtime node')).toMatchObject({ runtime: 'node', device: 'webgpu' });
    expect(() => parse('--runtime node --device wasm')).toThrow('needs the page');
  });

  it.each([
    ['--only step/alexnet/64/b4/all', 'step/alexnet/64/b4/all: there is no such case'],
    ['--only step/resnet18/64/b5/all', 'step/resnet18/64/b5/all: there is no such case'],
    ['--only step/resnet18/6./b4/all', 'step/resnet18/6./b4/all: there is no such case'],
    ['--only', '--only'],
    ['--device tpu', '--device tpu is unknown'],
    ['--dry --tune', '--dry runs no kernel'],
    ['--dry --device wasm', '--dry counts what a GPU is asked to do'],
    ['--profile=all', '--profile'],
    ['--profile --dry', '--profile times the kernels'],
    ['--profile --device wasm', '--profile times the kernels'],
    ['--profile --torch torch.json', '--profile times the kernels'],
    ['--profile --only features/*', '--profile is of training steps'],
    ['--runtime deno', '--runtime deno is unknown'],
    ['--steps 3', '--steps'],
    ['resnet18', 'resnet18'],
  ])('refuses %s by name', (line, sentence) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(sentence);
  });
});
