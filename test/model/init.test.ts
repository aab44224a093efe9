import { describe, expect, test } from 'vitest';
import { backbones } from '../../src/model/backbones/index.ts';
import { initialValue } from '../../src/model/init.ts';
import { parameterSpecs } from '../../src/model/parameters.ts';
import { backboneNames } from '../../src/protocol/backbone.ts';
import type { BackboneName } from '../../src/protocol/backbone.ts';
import { createRandom } from '../../src/util/random.ts';

function draw(name: BackboneName, tensor: string, seed = 1): Float32Array {
  const backbone = backbones[name];
  const spec = parameterSpecs(backbone, 10).find((candidate) => candidate.name === tensor);
  if (!spec) throw new Error(tensor);
  return initialValue(spec, backbone, createRandom(seed));
}

function std(values: Float32Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
}

function largest(values: Float32Array): number {
  return values.reduce((a, b) => Math.max(a, b));
}

describe('fresh weights', () => {
  // std = sqrt(2 / fan_out); fan_out = k * k * out, which timm divides by the groups
  test.each<[BackboneName, string, number]>([
    ['resnet18', 'layer2.0.conv2.weight', Math.sqrt(2 / (9 * 128))],
    ['resnet18', 'conv1.weight', Math.sqrt(2 / (49 * 64))],
    ['efficientnet_lite0', 'conv_head.weight', Math.sqrt(2 / 1280)],
    ['efficientnet_lite0', 'blocks.5.1.conv_dw.weight', Math.sqrt(2 / 25)],
    ['mobilenet_v2', 'features.17.conv.1.0.weight', Math.sqrt(2 / (9 * 960))],
    ['mobilenet_v2', 'features.18.0.weight', Math.sqrt(2 / 1280)],
    ['mobilenet_v2', 'classifier.1.weight', 0.01],
  ])('%s: %s', (name, tensor, expected) => {
    const values = draw(name, tensor);
    expect(std(values) / expected).toBeCloseTo(1, 1);
    expect(largest(values)).toBeGreaterThan(2.5 * expected); // normal, not uniform
  });

  test.each(backboneNames)('%s: batch norm starts as the identity', (name) => {
    const norm = backbones[name].nodes.find((node) => node.op === 'batch_norm');
    const start = { weight: 1, bias: 0, running_mean: 0, running_var: 1 };
    for (const [part, value] of Object.entries(start)) {
      expect(new Set(draw(name, `${norm?.name}.${part}`))).toEqual(new Set([value]));
    }
  });

  test.each(['efficientnet_lite0', 'resnet18'] as const)(
    '%s: the head starts as nn.Linear',
    (name) => {
      const { headName, featureDim } = backbones[name];
      const bound = 1 / Math.sqrt(featureDim);
      for (const part of ['weight', 'bias']) {
        const values = draw(name, `${headName}.${part}`);
        expect(largest(values.map(Math.abs))).toBeLessThanOrEqual(bound);
        expect(largest(values.map(Math.abs))).toBeGreaterThan(bound / 2);
      }
    },
  );

  test('mobilenet_v2: the head starts without a bias', () => {
    expect(new Set(draw('mobilenet_v2', 'classifier.1.bias'))).toEqual(new Set([0]));
  });

  test('depend on the seed and the name alone', () => {
    const again = draw('resnet18', 'fc.weight', 5);
    expect(draw('resnet18', 'fc.weight', 5)).toEqual(again);
    expect(draw('resnet18', 'fc.weight', 6)).not.toEqual(again);
  });
});
