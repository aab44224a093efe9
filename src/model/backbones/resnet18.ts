/**
 * ResNet-18 (He et al. 2015) as torchvision's `resnet18` builds it: names, symmetric padding,
 * stride in the first 3x3 convolution of a block, batch norm with epsilon 1e-5.
 */
import { defineBackbone, imageInput, type GraphNode } from '../graph.ts';

const eps = 1e-5;
const momentum = 0.1;

const conv = (
  name: string,
  stage: string,
  input: string,
  [inChannels, outChannels]: readonly [number, number],
  kernel: number,
  stride: number,
): GraphNode => ({
  op: 'conv2d',
  name,
  stage,
  input,
  inChannels,
  outChannels,
  kernel,
  stride,
  padding: { mode: 'symmetric', size: (kernel - 1) / 2 },
  groups: 1,
});

const norm = (name: string, stage: string, input: string, channels: number): GraphNode => ({
  op: 'batch_norm',
  name,
  stage,
  input,
  channels,
  eps,
  momentum,
});

/** Two 3x3 convolutions around a shortcut; a 1x1 on the shortcut where the shape changes. */
function basicBlock(
  name: string,
  stage: string,
  input: string,
  channels: readonly [number, number],
  stride: number,
): GraphNode[] {
  const [inChannels, out] = channels;
  const projected = stride !== 1 || inChannels !== out;
  return [
    conv(`${name}.conv1`, stage, input, channels, 3, stride),
    norm(`${name}.bn1`, stage, `${name}.conv1`, out),
    { op: 'relu', name: `${name}.relu1`, stage, input: `${name}.bn1` },
    conv(`${name}.conv2`, stage, `${name}.relu1`, [out, out], 3, 1),
    norm(`${name}.bn2`, stage, `${name}.conv2`, out),
    ...(projected
      ? [
          conv(`${name}.downsample.0`, stage, input, channels, 1, stride),
          norm(`${name}.downsample.1`, stage, `${name}.downsample.0`, out),
        ]
      : []),
    {
      op: 'add',
      name: `${name}.add`,
      stage,
      inputs: [`${name}.bn2`, projected ? `${name}.downsample.1` : input],
    },
    { op: 'relu', name: `${name}.relu2`, stage, input: `${name}.add` },
  ];
}

function layer(index: number, input: string, channels: readonly [number, number]): GraphNode[] {
  const stage = `layer${index}`;
  const [inChannels, out] = channels;
  const stride = inChannels === out ? 1 : 2;
  return [
    ...basicBlock(`${stage}.0`, stage, input, channels, stride),
    ...basicBlock(`${stage}.1`, stage, `${stage}.0.relu2`, [out, out], 1),
  ];
}

export const resnet18 = defineBackbone({
  name: 'resnet18',
  title: 'ResNet-18',
  init: 'torchvision-resnet',
  preprocessing: {
    mode: 'crop',
    resize: 256,
    crop: 224,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    interpolation: 'bilinear',
  },
  nodes: [
    conv('conv1', 'stem', imageInput, [3, 64], 7, 2),
    norm('bn1', 'stem', 'conv1', 64),
    { op: 'relu', name: 'relu', stage: 'stem', input: 'bn1' },
    {
      op: 'max_pool',
      name: 'maxpool',
      stage: 'stem',
      input: 'relu',
      kernel: 3,
      stride: 2,
      padding: { mode: 'symmetric', size: 1 },
    },
    ...layer(1, 'maxpool', [64, 64]),
    ...layer(2, 'layer1.1.relu2', [64, 128]),
    ...layer(3, 'layer2.1.relu2', [128, 256]),
    ...layer(4, 'layer3.1.relu2', [256, 512]),
    { op: 'global_avg_pool', name: 'avgpool', stage: 'head', input: 'layer4.1.relu2' },
    { op: 'linear', name: 'fc', stage: 'head', input: 'avgpool', inFeatures: 512 },
  ],
});
