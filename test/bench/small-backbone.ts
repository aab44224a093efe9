/** A description with every kind of node and padding in it, small enough to train in a test. */
import { defineBackbone, imageInput, type GraphNode } from '../../src/model/graph.ts';

const channels = 8;

function convNorm(
  name: string,
  input: string,
  change: Partial<Extract<GraphNode, { op: 'conv2d' }>>,
): GraphNode[] {
  return [
    {
      op: 'conv2d',
      name: `${name}.conv`,
      stage: 'body',
      input,
      inChannels: channels,
      outChannels: channels,
      kernel: 3,
      stride: 1,
      padding: { mode: 'same' },
      groups: 1,
      ...change,
    },
    {
      op: 'batch_norm',
      name: `${name}.bn`,
      stage: 'body',
      input: `${name}.conv`,
      channels,
      eps: 1e-3,
      momentum: 0.1,
    },
  ];
}

const symmetric = { mode: 'symmetric', size: 1 } as const;

export const smallBackbone = defineBackbone({
  name: 'resnet18',
  title: 'small',
  init: 'torchvision-resnet',
  preprocessing: {
    mode: 'crop',
    resize: 16,
    crop: 16,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    interpolation: 'bilinear',
  },
  nodes: [
    ...convNorm('stem', imageInput, { inChannels: 3, stride: 2, padding: symmetric }),
    { op: 'relu', name: 'stem.relu', stage: 'body', input: 'stem.bn' },
    {
      op: 'max_pool',
      name: 'pool',
      stage: 'body',
      input: 'stem.relu',
      kernel: 3,
      stride: 2,
      padding: symmetric,
    },
    ...convNorm('wise', 'pool', { groups: channels }),
    { op: 'relu6', name: 'wise.relu6', stage: 'body', input: 'wise.bn' },
    ...convNorm('point', 'wise.relu6', { kernel: 1 }),
    { op: 'add', name: 'add', stage: 'body', inputs: ['point.bn', 'pool'] },
    { op: 'relu', name: 'add.relu', stage: 'body', input: 'add' },
    ...convNorm('down', 'add.relu', { stride: 2 }),
    { op: 'relu', name: 'down.relu', stage: 'body', input: 'down.bn' },
    { op: 'global_avg_pool', name: 'avgpool', stage: 'head', input: 'down.relu' },
    { op: 'linear', name: 'fc', stage: 'head', input: 'avgpool', inFeatures: channels },
  ],
});
