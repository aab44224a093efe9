/** Collects the dispatches of a plan in order, each with the tensors that it binds. */
import type { Storage } from '../../ops/gpu/map.ts';
import type { Program } from '../../ops/gpu/program.ts';
import { storedBytes, type ArenaTensor, type Tensor } from './tensors.ts';

export interface PlannedDispatch {
  readonly program: Program;
  readonly tensors: readonly Tensor[]; // as `program.bindings`
  readonly node: string; // of the description: what the work is for
}

export interface Recorder {
  readonly dispatches: PlannedDispatch[];
  /** A tensor of `count` numbers that lives from its first use to its last. */
  tensor(label: string, count: number, storage?: Storage): ArenaTensor;
  emit(node: string, program: Program, tensors: readonly Tensor[]): void;
}

export function createRecorder(): Recorder {
  const dispatches: PlannedDispatch[] = [];
  return {
    dispatches,
    tensor: (label, count, storage = 'f32') => ({
      kind: 'arena',
      label,
      bytes: storedBytes(count, storage),
    }),
    emit(node, program, tensors) {
      if (tensors.length !== program.bindings.length) {
        const names = program.bindings.map(({ name }) => name).join(', ');
        throw new Error(`${node}: ${program.label} binds ${names}, got ${tensors.length} tensors`);
      }
      dispatches.push({ program, tensors, node });
    },
  };
}
