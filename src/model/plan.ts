/**
 * From a description to what runs as one step: a convolution with its batch norm and activation, a
 * residual addition with its activation, the pools. Training and evaluation walk the same steps.
 */
import type { Activation } from '../ops/kernels.ts';
import {
  nodeInputs,
  type Backbone,
  type BatchNormNode,
  type Conv2dNode,
  type GlobalAvgPoolNode,
  type GraphNode,
  type MaxPoolNode,
} from './graph.ts';

export interface ConvStep {
  readonly kind: 'conv';
  readonly conv: Conv2dNode;
  readonly norm: BatchNormNode;
  readonly activation: Activation;
  readonly inputs: readonly [string];
  readonly output: string;
}

export interface AddStep {
  readonly kind: 'add';
  readonly activation: Activation;
  readonly inputs: readonly [string, string];
  readonly output: string;
}

export interface MaxPoolStep {
  readonly kind: 'max_pool';
  readonly node: MaxPoolNode;
  readonly inputs: readonly [string];
  readonly output: string;
}

export interface GlobalAvgPoolStep {
  readonly kind: 'global_avg_pool';
  readonly node: GlobalAvgPoolNode;
  readonly inputs: readonly [string];
  readonly output: string;
}

export type Step = ConvStep | AddStep | MaxPoolStep | GlobalAvgPoolStep;

export interface Plan {
  readonly steps: readonly Step[]; // up to the features; the head is the network's
  readonly uses: ReadonlyMap<string, number>; // how many steps read an output
  readonly features: string; // the output that feeds the head
}

export function makePlan(backbone: Backbone): Plan {
  const { nodes } = backbone;
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const input of nodeInputs(node)) readers.set(input, [...(readers.get(input) ?? []), node]);
  }
  const only = (name: string): GraphNode | undefined => {
    const found = readers.get(name) ?? [];
    return found.length === 1 ? found[0] : undefined;
  };
  const absorbed = new Set<string>();
  const activationAfter = (name: string): { activation: Activation; output: string } => {
    const next = only(name);
    if (next?.op !== 'relu' && next?.op !== 'relu6') return { activation: 'linear', output: name };
    absorbed.add(next.name);
    return { activation: next.op, output: next.name };
  };

  const steps: Step[] = [];
  let features: string | undefined;
  for (const node of nodes) {
    if (absorbed.has(node.name)) continue;
    switch (node.op) {
      case 'conv2d': {
        const norm = only(node.name);
        if (norm?.op !== 'batch_norm') throw new Error(`${node.name}: no batch norm after it`);
        absorbed.add(norm.name);
        const { activation, output } = activationAfter(norm.name);
        steps.push({ kind: 'conv', conv: node, norm, activation, inputs: [node.input], output });
        break;
      }
      case 'add': {
        const { activation, output } = activationAfter(node.name);
        steps.push({ kind: 'add', activation, inputs: node.inputs, output });
        break;
      }
      case 'max_pool':
        steps.push({ kind: 'max_pool', node, inputs: [node.input], output: node.name });
        break;
      case 'global_avg_pool':
        steps.push({ kind: 'global_avg_pool', node, inputs: [node.input], output: node.name });
        break;
      case 'linear':
        features = node.input;
        break;
      case 'batch_norm':
      case 'relu':
      case 'relu6':
        throw new Error(`${node.name}: no convolution or addition before it`);
      default:
        node satisfies never;
    }
  }
  if (features === undefined) throw new Error(`${backbone.name}: no head`);
  const uses = new Map<string, number>();
  for (const step of steps) {
    for (const input of step.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  return { steps, uses, features };
}
