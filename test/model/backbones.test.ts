import { describe, expect, test } from 'vitest';
import { backbones } from '../../src/model/backbones/index.ts';
import { makePlan } from '../../src/model/plan.ts';
import { expectedShapes } from '../../src/model/state-dict.ts';
import { countMacs, countParameters, traceShapes } from '../../src/model/trace.ts';
import { backboneNames } from '../../src/protocol/backbone.ts';
import golden from '../golden/state-dicts.json' with { type: 'json' };

const known = {
  efficientnet_lite0: {
    macs: 383_907_552,
    stages: ['stem', ...[0, 1, 2, 3, 4, 5, 6].map((i) => `blocks.${i}`), 'conv_head', 'head'],
    heatMapTarget: 'bn2.act',
    map: [7, 7, 1280],
  },
  resnet18: {
    macs: 1_813_561_344,
    stages: ['stem', 'layer1', 'layer2', 'layer3', 'layer4', 'head'],
    heatMapTarget: 'layer4.1.relu2',
    map: [7, 7, 512],
  },
  mobilenet_v2: {
    macs: 299_494_272,
    stages: ['stem', ...[1, 2, 3, 4, 5, 6, 7].map((i) => `stage${i}`), 'last_conv', 'head'],
    heatMapTarget: 'features.18.2',
    map: [7, 7, 1280],
  },
} as const;

describe.each(backboneNames)('%s', (name) => {
  const backbone = backbones[name];

  test('has the keys and shapes of the reference, in its order', () => {
    const shapes = expectedShapes(backbone, 1000);
    expect([...shapes]).toEqual(Object.entries(golden[name]));
  });

  test('counts its parameters without the head', () => {
    const total = Object.entries(golden[name])
      .filter(([key]) => !key.includes('running_') && !key.startsWith(`${backbone.headName}.`))
      .reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0);
    expect(countParameters(backbone)).toBe(total);
  });

  test('derives multiply-adds, stages and the heat map’s target', () => {
    expect(countMacs(backbone, 224)).toBe(known[name].macs);
    expect(backbone.stages).toEqual(known[name].stages);
    expect(backbone.heatMapTarget).toBe(known[name].heatMapTarget);
    expect(traceShapes(backbone, 224).get(backbone.heatMapTarget)).toEqual(known[name].map);
  });

  test('runs every node in exactly one step', () => {
    const plan = makePlan(backbone);
    const convs = backbone.nodes.filter((node) => node.op === 'conv2d').length;
    expect(plan.steps.filter((step) => step.kind === 'conv')).toHaveLength(convs);
    expect(plan.steps.some((step) => step.output === backbone.heatMapTarget)).toBe(true);
  });
});
