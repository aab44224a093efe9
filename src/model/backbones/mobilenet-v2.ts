/**
 * MobileNetV2 1.0 (Sandler et al. 2018) as torchvision's `mobilenet_v2` builds it: names, symmetric
 * padding, batch norm with epsilon 1e-5. torchvision's classifier drops out a fifth of the features
 * before the linear layer while it trains; that is left out here, and evaluation is the same.
 */
import { defineBackbone, imageInput, type GraphNode } from '../graph.ts';

const eps = 1e-5;
const momentum = 0.1;

interface ConvShape {
  readonly channels: readonly [number, number];
  readonly kernel?: number;
  readonly stride?: number;
  readonly depthwise?: boolean;
}

function convNorm(
  conv: string,
  norm: string,
  stage: string,
  input: string,
  { channels: [inChannels, outChannels], kernel = 1, stride = 1, depthwise = false }: ConvShape,
): GraphNode[] {
  return [
    {
      op: 'conv2d',
      name: conv,
      stage,
      input,
      inChannels,
      outChannels,
      kernel,
      stride,
      padding: { mode: 'symmetric', size: (kernel - 1) / 2 },
      groups: depthwise ? inChannels : 1,
    },
    { op: 'batch_norm', name: norm, stage, input: conv, channels: outChannels, eps, momentum },
  ];
}

/** torchvision's Conv2dNormActivation: `.0` convolution, `.1` batch norm, `.2` ReLU6. */
function convNormAct(name: string, stage: string, input: string, shape: ConvShape): GraphNode[] {
  return [
    ...convNorm(`${name}.0`, `${name}.1`, stage, input, shape),
    { op: 'relu6', name: `${name}.2`, stage, input: `${name}.1` },
  ];
}

/** A stage: repeats, stride of the first block, expansion, channels out. */
const stages = [
  { repeats: 1, stride: 1, expand: 1, out: 16 },
  { repeats: 2, stride: 2, expand: 6, out: 24 },
  { repeats: 3, stride: 2, expand: 6, out: 32 },
  { repeats: 4, stride: 2, expand: 6, out: 64 },
  { repeats: 3, stride: 1, expand: 6, out: 96 },
  { repeats: 3, stride: 2, expand: 6, out: 160 },
  { repeats: 1, stride: 1, expand: 6, out: 320 },
] as const;

/** The inverted residual: expand (unless by 1), depthwise, project without activation, add. */
function block(
  name: string,
  stage: string,
  input: string,
  [inChannels, out]: readonly [number, number],
  { stride, expand }: { stride: number; expand: number },
): GraphNode[] {
  const wide = inChannels * expand;
  const depthwise = { channels: [wide, wide], kernel: 3, stride, depthwise: true } as const;
  const conv = (index: number) => `${name}.conv.${index}`;
  const at = expand === 1 ? 0 : 1; // the depthwise layer's place in torchvision's Sequential
  const nodes = [
    ...(expand === 1 ? [] : convNormAct(conv(0), stage, input, { channels: [inChannels, wide] })),
    ...convNormAct(conv(at), stage, expand === 1 ? input : `${conv(0)}.2`, depthwise),
    ...convNorm(conv(at + 1), conv(at + 2), stage, `${conv(at)}.2`, { channels: [wide, out] }),
  ];
  if (stride === 1 && inChannels === out) {
    nodes.push({ op: 'add', name: `${name}.add`, stage, inputs: [conv(at + 2), input] });
  }
  return nodes;
}

function trunk(): GraphNode[] {
  const stem = { channels: [3, 32], kernel: 3, stride: 2 } as const;
  const nodes = convNormAct('features.0', 'stem', imageInput, stem);
  const lastName = () => nodes.at(-1)?.name ?? imageInput;
  let channels = 32;
  let index = 1;
  stages.forEach(({ repeats, stride, expand, out }, stageIndex) => {
    for (let i = 0; i < repeats; i++) {
      const shape = { stride: i === 0 ? stride : 1, expand };
      const stage = `stage${stageIndex + 1}`;
      nodes.push(...block(`features.${index++}`, stage, lastName(), [channels, out], shape));
      channels = out;
    }
  });
  const last = { channels: [channels, 1280] } as const;
  return [...nodes, ...convNormAct('features.18', 'last_conv', lastName(), last)];
}

export const mobilenetV2 = defineBackbone({
  name: 'mobilenet_v2',
  title: 'MobileNetV2',
  init: 'torchvision-mobilenet',
  preprocessing: {
    mode: 'crop',
    resize: 256,
    crop: 224,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    interpolation: 'bilinear',
  },
  nodes: [
    ...trunk(),
    { op: 'global_avg_pool', name: 'avgpool', stage: 'head', input: 'features.18.2' },
    { op: 'linear', name: 'classifier.1', stage: 'head', input: 'avgpool', inFeatures: 1280 },
  ],
});
