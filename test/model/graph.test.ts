import { describe, expect, test } from 'vitest';
import { resnet18 } from '../../src/model/backbones/resnet18.ts';
import { defineBackbone, imageInput, type GraphNode } from '../../src/model/graph.ts';

const define = (nodes: GraphNode[]) => defineBackbone({ ...resnet18, nodes });
const relu: GraphNode = { op: 'relu', name: 'a', stage: 's', input: imageInput };
const pool: GraphNode = { op: 'global_avg_pool', name: 'pool', stage: 's', input: 'a' };
const head: GraphNode = { op: 'linear', name: 'fc', stage: 'head', input: 'pool', inFeatures: 3 };

describe('defineBackbone', () => {
  test('derives stages, head and heat map target', () => {
    const { stages, headName, featureDim, heatMapTarget } = define([relu, pool, head]);
    expect({ stages, headName, featureDim, heatMapTarget }).toEqual({
      stages: ['s', 'head'],
      headName: 'fc',
      featureDim: 3,
      heatMapTarget: 'a',
    });
  });

  test.each<[string, GraphNode[], RegExp]>([
    ['an input that comes later', [{ ...relu, input: 'pool' }, pool, head], /pool comes later/],
    ['a name used twice', [relu, relu, pool, head], /two nodes/],
    ['no head', [relu, pool], /ends in a pool/],
    [
      'groups that are neither 1 nor depthwise',
      [
        {
          op: 'conv2d',
          name: 'c',
          stage: 's',
          input: imageInput,
          inChannels: 4,
          outChannels: 8,
          kernel: 1,
          stride: 1,
          padding: { mode: 'same' },
          groups: 4,
        },
        relu,
        pool,
        head,
      ],
      /groups/,
    ],
  ])('refuses %s', (_, nodes, message) => {
    expect(() => define(nodes)).toThrow(message);
  });
});
