/** What the parts of a plan share while it is made. */
import type { Storage } from '../../ops/gpu/map.ts';
import type { Program } from '../../ops/gpu/program.ts';
import type { Backbone } from '../graph.ts';
import type { ConvStep, Step } from '../plan.ts';
import type { KernelChoices } from './kernel-choices.ts';
import type { ParameterLayout } from './parameter-layout.ts';
import type { Recorder } from './recorder.ts';
import type { ArenaTensor, Tensor } from './tensors.ts';

export interface PlanContext {
  readonly backbone: Backbone;
  readonly steps: readonly Step[];
  readonly featureName: string; // the value that feeds the head
  readonly batch: number; // the largest that the plan runs
  readonly size: number; // px
  readonly classes: number;
  readonly storage: Storage; // of maps and their gradients; features and logits are f32
  readonly layout: ParameterLayout;
  readonly choices: KernelChoices;
  readonly recorder: Recorder;
  /** Whether a step's batch norm uses the running statistics, and its weights stay. */
  isFrozen(step: ConvStep): boolean;
  /** Work that gives the same result until weights change: done before the first step, and kept. */
  constant(node: string, program: Program, tensors: readonly Tensor[], kept: ArenaTensor): void;
}
