/** Sizes that follow from a description: the shape after each node, parameters, multiply-adds. */
import { resolveWindow } from '../ops/window.ts';
import { imageInput, nodeInputs, type Backbone } from './graph.ts';
import { parameterSpecs } from './parameters.ts';

export type MapShape = readonly [height: number, width: number, channels: number];

/** The shape of every node's output for a picture of `size` x `size`, without N. */
export function traceShapes(backbone: Backbone, size: number): Map<string, MapShape> {
  const shapes = new Map<string, MapShape>([[imageInput, [size, size, 3]]]);
  for (const node of backbone.nodes) {
    const [input = ''] = nodeInputs(node);
    const [height, width, channels] = shapes.get(input) ?? [0, 0, 0];
    switch (node.op) {
      case 'conv2d':
      case 'max_pool': {
        const [outHeight, outWidth] = resolveWindow([height, width], node).outSize;
        const out = node.op === 'conv2d' ? node.outChannels : channels;
        shapes.set(node.name, [outHeight, outWidth, out]);
        break;
      }
      case 'global_avg_pool':
        shapes.set(node.name, [1, 1, channels]);
        break;
      case 'linear': // as many outputs as there are classes
      case 'batch_norm':
      case 'relu':
      case 'relu6':
      case 'add':
        shapes.set(node.name, [height, width, channels]);
        break;
      default:
        node satisfies never;
    }
  }
  return shapes;
}

/** Trainable parameters without the head. */
export function countParameters(backbone: Backbone): number {
  return parameterSpecs(backbone, 0)
    .filter((spec) => spec.role === 'parameter' && !spec.head)
    .reduce((sum, spec) => sum + spec.shape.reduce((a, b) => a * b, 1), 0);
}

/** Multiply-adds of the convolutions in one forward pass of one picture. */
export function countMacs(backbone: Backbone, size: number): number {
  const shapes = traceShapes(backbone, size);
  let macs = 0;
  for (const node of backbone.nodes) {
    if (node.op !== 'conv2d') continue;
    const [height, width, channels] = shapes.get(node.name) ?? [0, 0, 0];
    macs += height * width * channels * node.kernel ** 2 * (node.inChannels / node.groups);
  }
  return macs;
}

/** Numbers in all convolutions' outputs for one picture: what a training pass holds at least. */
export function countConvOutputs(backbone: Backbone, size: number): number {
  const shapes = traceShapes(backbone, size);
  return backbone.nodes
    .filter((node) => node.op === 'conv2d')
    .reduce((sum, { name }) => sum + (shapes.get(name) ?? [0]).reduce((a, b) => a * b, 1), 0);
}
