/**
 * The language a backbone is described in: a readonly list of nodes in the order they run, with
 * PyTorch's module names. Everything that depends on an architecture is derived from such a list:
 * forward and backward, parameter shapes and initialisation, stages, the layer table, the heat
 * map's target, the exporters. Nothing about an architecture is written anywhere else.
 *
 * Activations are [N, H, W, C]; shapes in a description leave N out.
 */
import type { BackboneName, Preprocessing } from '../protocol/backbone.ts';

/** What feeds a description: the normalized picture, [H, W, 3]. */
export const imageInput = 'image';

/** `same` pads as TensorFlow does: as little as needed, the odd pixel at the bottom and right. */
export type Padding =
  { readonly mode: 'symmetric'; readonly size: number } | { readonly mode: 'same' };

export interface Conv2dNode {
  readonly op: 'conv2d';
  readonly name: string; // parameter: `${name}.weight`
  readonly stage: string;
  readonly input: string;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly groups: number; // 1, or inChannels (= outChannels): depthwise
}

export interface BatchNormNode {
  readonly op: 'batch_norm';
  readonly name: string; // `${name}.weight`, `.bias`, `.running_mean`, `.running_var`
  readonly stage: string;
  readonly input: string;
  readonly channels: number;
  readonly eps: number;
  readonly momentum: number; // PyTorch's: running = (1 - momentum) * running + momentum * batch
}

export interface ActivationNode {
  readonly op: 'relu' | 'relu6';
  readonly name: string;
  readonly stage: string;
  readonly input: string;
}

export interface AddNode {
  readonly op: 'add';
  readonly name: string;
  readonly stage: string;
  readonly inputs: readonly [string, string];
}

export interface MaxPoolNode {
  readonly op: 'max_pool';
  readonly name: string;
  readonly stage: string;
  readonly input: string;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
}

export interface GlobalAvgPoolNode {
  readonly op: 'global_avg_pool';
  readonly name: string;
  readonly stage: string;
  readonly input: string;
}

/** The head: as many outputs as the dataset has classes. */
export interface LinearNode {
  readonly op: 'linear';
  readonly name: string; // `${name}.weight`, `${name}.bias`
  readonly stage: string;
  readonly input: string;
  readonly inFeatures: number;
}

export type GraphNode =
  | Conv2dNode
  | BatchNormNode
  | ActivationNode
  | AddNode
  | MaxPoolNode
  | GlobalAvgPoolNode
  | LinearNode;

/** How fresh weights are drawn (`init.ts`). */
export type WeightInit = 'torchvision-resnet' | 'torchvision-mobilenet' | 'timm-efficientnet';

export interface BackboneSource {
  readonly name: BackboneName;
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly init: WeightInit;
  readonly preprocessing: Preprocessing;
}

export interface Backbone extends BackboneSource {
  readonly stages: readonly string[]; // in order, the head's last
  readonly headName: string; // 'fc', 'classifier.1'
  readonly featureDim: number; // D
  readonly heatMapTarget: string; // the last node that still has a map
}

export function nodeInputs(node: GraphNode): readonly string[] {
  return node.op === 'add' ? node.inputs : [node.input];
}

export function isDepthwise(node: Conv2dNode): boolean {
  return node.groups > 1;
}

/** Derives what follows from the list, and refuses a list that is not well formed. */
export function defineBackbone(source: BackboneSource): Backbone {
  const seen = new Set([imageInput]);
  for (const node of source.nodes) {
    const missing = nodeInputs(node).find((input) => !seen.has(input));
    if (missing !== undefined) throw new Error(`${node.name}: input ${missing} comes later`);
    if (seen.has(node.name)) throw new Error(`two nodes are called ${node.name}`);
    if (node.op === 'conv2d' && node.groups !== 1) {
      const { groups, inChannels, outChannels } = node;
      if (groups !== inChannels || groups !== outChannels) {
        throw new Error(`${node.name}: groups must be 1 or depthwise`);
      }
    }
    seen.add(node.name);
  }
  const pool = source.nodes.find((node) => node.op === 'global_avg_pool');
  const head = source.nodes.at(-1);
  if (pool === undefined || head?.op !== 'linear') {
    throw new Error(`${source.name}: a backbone ends in a pool and a linear head`);
  }
  return {
    ...source,
    stages: [...new Set(source.nodes.map((node) => node.stage))],
    headName: head.name,
    featureDim: head.inFeatures,
    heatMapTarget: pool.input,
  };
}
