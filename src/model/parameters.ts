/**
 * Every tensor of a backbone's state, derived from its description: PyTorch's name and shape, our
 * shape, and whether training changes it by gradient (parameter) or by statistics (buffer).
 */
import { isDepthwise, type Backbone, type GraphNode } from './graph.ts';

/** How a tensor is laid out in PyTorch and here. */
export type Layout =
  | 'conv' // OIHW ↔ HWIO
  | 'depthwise' // [C,1,k,k] ↔ [k,k,C,1]
  | 'linear' // [out,in] ↔ [in,out]
  | 'vector'; // [C]

export interface ParameterSpec {
  readonly name: string;
  readonly layout: Layout;
  readonly torchShape: number[];
  readonly shape: number[]; // in the engine
  readonly role: 'parameter' | 'buffer';
  readonly head: boolean;
}

/** In the order of PyTorch's state_dict. */
export function parameterSpecs(backbone: Backbone, classes: number): ParameterSpec[] {
  return backbone.nodes.flatMap((node) => specsOf(node, classes));
}

function specsOf(node: GraphNode, classes: number): ParameterSpec[] {
  const vector = (
    suffix: string,
    size: number,
    role: ParameterSpec['role'],
    head = false,
  ): ParameterSpec => ({
    name: `${node.name}.${suffix}`,
    layout: 'vector',
    torchShape: [size],
    shape: [size],
    role,
    head,
  });
  switch (node.op) {
    case 'conv2d': {
      const { kernel: k, inChannels, outChannels } = node;
      const depthwise = isDepthwise(node);
      return [
        {
          name: `${node.name}.weight`,
          layout: depthwise ? 'depthwise' : 'conv',
          torchShape: [outChannels, inChannels / node.groups, k, k],
          shape: depthwise ? [k, k, inChannels, 1] : [k, k, inChannels, outChannels],
          role: 'parameter',
          head: false,
        },
      ];
    }
    case 'batch_norm':
      return [
        vector('weight', node.channels, 'parameter'),
        vector('bias', node.channels, 'parameter'),
        vector('running_mean', node.channels, 'buffer'),
        vector('running_var', node.channels, 'buffer'),
      ];
    case 'linear':
      return [
        {
          name: `${node.name}.weight`,
          layout: 'linear',
          torchShape: [classes, node.inFeatures],
          shape: [node.inFeatures, classes],
          role: 'parameter',
          head: true,
        },
        vector('bias', classes, 'parameter', true),
      ];
    case 'relu':
    case 'relu6':
    case 'add':
    case 'max_pool':
    case 'global_avg_pool':
      return [];
    default:
      return node satisfies never;
  }
}
