/**
 * EfficientNet-Lite0 (Tan and Le 2019; the lite variants: no squeeze-excite, ReLU6, fixed stem and
 * head) as timm's `tf_efficientnet_lite0` builds it: its names, TensorFlow's SAME padding, batch
 * norm with epsilon 1e-3. timm's `efficientnet_lite0` has the same names and shapes but other
 * padding and epsilon; weights trained for it give other numbers here.
 */
import { defineBackbone, imageInput, type GraphNode } from '../graph.ts';

const eps = 1e-3;
const momentum = 0.1;

/** conv + batch norm, and ReLU6 unless `linear`; the last one's name is what comes out. */
function convNorm(options: {
  conv: string;
  norm: string;
  stage: string;
  input: string;
  channels: readonly [number, number];
  kernel?: number;
  stride?: number;
  depthwise?: boolean;
  linear?: boolean;
}): GraphNode[] {
  const { stage, input, kernel = 1, stride = 1, depthwise = false, linear = false } = options;
  const [inChannels, outChannels] = options.channels;
  return [
    {
      op: 'conv2d',
      name: options.conv,
      stage,
      input,
      inChannels,
      outChannels,
      kernel,
      stride,
      padding: { mode: 'same' },
      groups: depthwise ? inChannels : 1,
    },
    {
      op: 'batch_norm',
      name: options.norm,
      stage,
      input: options.conv,
      channels: outChannels,
      eps,
      momentum,
    },
    ...(linear
      ? []
      : [{ op: 'relu6', name: `${options.norm}.act`, stage, input: options.norm } as const]),
  ];
}

/** A stage: repeats, kernel, stride of the first block, expansion, channels out. */
const stages = [
  { repeats: 1, kernel: 3, stride: 1, expand: 1, out: 16 },
  { repeats: 2, kernel: 3, stride: 2, expand: 6, out: 24 },
  { repeats: 2, kernel: 5, stride: 2, expand: 6, out: 40 },
  { repeats: 3, kernel: 3, stride: 2, expand: 6, out: 80 },
  { repeats: 3, kernel: 5, stride: 1, expand: 6, out: 112 },
  { repeats: 4, kernel: 5, stride: 2, expand: 6, out: 192 },
  { repeats: 1, kernel: 3, stride: 1, expand: 6, out: 320 },
] as const;

/** MobileNetV2's inverted residual; without expansion (timm: DepthwiseSeparableConv) two convs. */
function block(
  name: string,
  stage: string,
  input: string,
  [inChannels, out]: readonly [number, number],
  { kernel, stride, expand }: { kernel: number; stride: number; expand: number },
): GraphNode[] {
  const wide = inChannels * expand;
  const depthwise = { stage, channels: [wide, wide], kernel, stride, depthwise: true } as const;
  const project = { stage, channels: [wide, out], linear: true } as const;
  const conv = (part: string) => `${name}.${part}`;
  const nodes: GraphNode[] =
    expand === 1
      ? [
          ...convNorm({ ...depthwise, conv: conv('conv_dw'), norm: conv('bn1'), input }),
          ...convNorm({
            ...project,
            conv: conv('conv_pw'),
            norm: conv('bn2'),
            input: conv('bn1.act'),
          }),
        ]
      : [
          ...convNorm({
            stage,
            channels: [inChannels, wide],
            conv: conv('conv_pw'),
            norm: conv('bn1'),
            input,
          }),
          ...convNorm({
            ...depthwise,
            conv: conv('conv_dw'),
            norm: conv('bn2'),
            input: conv('bn1.act'),
          }),
          ...convNorm({
            ...project,
            conv: conv('conv_pwl'),
            norm: conv('bn3'),
            input: conv('bn2.act'),
          }),
        ];
  if (stride === 1 && inChannels === out) {
    const last = expand === 1 ? conv('bn2') : conv('bn3');
    nodes.push({ op: 'add', name: conv('add'), stage, inputs: [last, input] });
  }
  return nodes;
}

function trunk(): GraphNode[] {
  const nodes = convNorm({
    conv: 'conv_stem',
    norm: 'bn1',
    stage: 'stem',
    input: imageInput,
    channels: [3, 32],
    kernel: 3,
    stride: 2,
  });
  let channels = 32;
  const lastName = () => nodes.at(-1)?.name ?? imageInput;
  stages.forEach(({ repeats, out, ...shape }, stageIndex) => {
    for (let i = 0; i < repeats; i++) {
      const name = `blocks.${stageIndex}.${i}`;
      const blockShape = i === 0 ? shape : { ...shape, stride: 1 };
      nodes.push(...block(name, `blocks.${stageIndex}`, lastName(), [channels, out], blockShape));
      channels = out;
    }
  });
  const head = { conv: 'conv_head', norm: 'bn2', stage: 'conv_head', input: lastName() };
  return [...nodes, ...convNorm({ ...head, channels: [channels, 1280] })];
}

export const efficientnetLite0 = defineBackbone({
  name: 'efficientnet_lite0',
  title: 'EfficientNet-Lite0',
  init: 'timm-efficientnet',
  preprocessing: {
    mode: 'crop',
    resize: 256,
    crop: 224,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    interpolation: 'bicubic',
  },
  nodes: [
    ...trunk(),
    { op: 'global_avg_pool', name: 'global_pool', stage: 'head', input: 'bn2.act' },
    { op: 'linear', name: 'classifier', stage: 'head', input: 'global_pool', inFeatures: 1280 },
  ],
});
