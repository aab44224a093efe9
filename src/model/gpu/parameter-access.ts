/** A network's weights and moments, between its buffers and PyTorch's view of them. */
import type { ParameterSpec } from '../parameters.ts';
import { toEngineLayout, toTorchLayout, type StateDict, type StateTensor } from '../state-dict.ts';
import type { NetworkMemory } from './memory.ts';
import { readBack, type ReadRequest } from './readback.ts';
import type { StepPlan } from './step-plan.ts';
import type { Region, Tensor } from './tensors.ts';

/** The optimizer's memory of trained parameters, in the engine's layout. */
export type Moments = Map<string, { shape: number[]; m: Float32Array; v: Float32Array }>;

export interface ParameterAccess {
  readonly specs: readonly ParameterSpec[];
  /** In the engine's layout. */
  write(spec: ParameterSpec, data: Float32Array): void;
  load(specs: readonly ParameterSpec[], state: StateDict): void;
  loadMoments(moments: Moments): void;
  /** What to read back for `read`. */
  requests(): ReadRequest[];
  read(values: readonly Float32Array[]): { state: StateDict; moments: Moments };
  gradients(): Promise<StateDict>;
}

export function createParameterAccess(
  device: GPUDevice,
  memory: NetworkMemory,
  plan: StepPlan,
): ParameterAccess {
  const { layout } = plan;
  const { specs, trainedBytes } = layout;
  const momentRegions = (['moments1', 'moments2'] as const).filter(memory.has);

  const writeTo = (tensor: Tensor, data: Float32Array): void => {
    const { buffer, offset } = memory.view(plan, tensor);
    device.queue.writeBuffer(buffer, offset, data as Float32Array<ArrayBuffer>);
  };
  const whole = (region: Region, bytes: number): ReadRequest => ({
    buffer: memory.region(region),
    offset: 0,
    bytes,
  });
  const entry = (
    spec: ParameterSpec,
    values: Float32Array,
    tensor: Tensor,
  ): [string, StateTensor] => {
    const data = toTorchLayout(spec, slice(values, tensor));
    return [spec.name, { shape: [...spec.torchShape], data }];
  };
  const isTrained = (spec: ParameterSpec): boolean =>
    spec.role === 'parameter' && layout.isTrained(spec);

  const access: ParameterAccess = {
    specs,
    write: (spec, data) => writeTo(layout.tensor(spec.name), data),
    load(some, state) {
      for (const spec of some) {
        const tensor = state.get(spec.name);
        if (tensor) access.write(spec, toEngineLayout(spec, tensor.data));
      }
    },
    loadMoments(moments) {
      for (const [name, { m, v }] of moments) {
        writeTo(layout.trained(name, 'moments1'), m);
        writeTo(layout.trained(name, 'moments2'), v);
      }
    },
    requests: () => [
      whole('parameters', layout.parameterBytes),
      whole('running', layout.runningBytes),
      ...momentRegions.map((region) => whole(region, trainedBytes)),
    ],
    read([parameters = none, running = none, m = none, v = none]) {
      const state: StateDict = new Map(
        specs.map((spec) => {
          const values = spec.role === 'parameter' ? parameters : running;
          return entry(spec, values, layout.tensor(spec.name));
        }),
      );
      if (momentRegions.length === 0) return { state, moments: new Map() };
      const moments: Moments = new Map(
        specs.filter(isTrained).map(({ name, shape }) => [
          name,
          {
            shape: [...shape],
            m: slice(m, layout.trained(name, 'moments1')),
            v: slice(v, layout.trained(name, 'moments2')),
          },
        ]),
      );
      return { state, moments };
    },
    async gradients() {
      const [all = none] = await readBack(device, [whole('gradients', trainedBytes)]);
      return new Map(
        specs
          .filter(isTrained)
          .map((spec) => entry(spec, all, layout.trained(spec.name, 'gradients'))),
      );
    },
  };
  return access;
}

const none = new Float32Array();

function slice(values: Float32Array, tensor: Tensor): Float32Array {
  if (tensor.kind !== 'region') throw new Error('a parameter lies in the arena');
  return values.slice(tensor.offset / 4, (tensor.offset + tensor.bytes) / 4);
}
