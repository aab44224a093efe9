/**
 * What a GPU is asked to do, beyond `device/counters`: bytes bound. Methods are wrapped on the
 * prototypes, so that whoever holds the device is counted. For a dry run the kernels themselves are
 * left out: everything else is encoded and submitted as ever.
 */
import type { GpuWork } from '../../src/cli/bench-cases.ts';
import { createGpuCounter } from '../../src/device/counters.ts';

export interface GpuMeter {
  reset(): void;
  read(): GpuWork;
  /** From now on no kernel runs. */
  skipKernels(): void;
}

interface Totals {
  boundBytes: number;
}

/** Once a thread, before the device is made. */
export function createGpuMeter(): GpuMeter {
  const totals: Totals = { boundBytes: 0 };
  let skip = false;
  countBound(totals, () => skip);
  const counter = createGpuCounter();
  return {
    reset() {
      counter.reset();
      totals.boundBytes = 0;
    },
    read() {
      const { dispatches, submits, buffers, bindGroups, uploadBytes, peakBytes } = counter.read();
      return { dispatches, submits, buffers, bindGroups, uploadBytes, peakBytes, ...totals };
    },
    skipKernels() {
      skip = true;
    },
  };
}

function countBound(totals: Totals, skip: () => boolean): void {
  const bytesOf = new WeakMap<GPUBindGroup, number>();
  const bound = new WeakMap<GPUComputePassEncoder, Map<number, number>>(); // bytes by group index

  const device = GPUDevice.prototype;
  device.createBindGroup = wrap(device.createBindGroup, (run, _, [{ entries }]) => {
    const group = run();
    bytesOf.set(group, sum([...entries].map(({ resource }) => boundSize(resource))));
    return group;
  });

  const pass = GPUComputePassEncoder.prototype;
  pass.setBindGroup = wrap(
    pass.setBindGroup,
    (run, encoder: GPUComputePassEncoder, [index, group]) => {
      const groups = bound.get(encoder) ?? new Map<number, number>();
      bound.set(encoder, groups.set(index, group ? (bytesOf.get(group) ?? 0) : 0));
      return run();
    },
  );
  const dispatch = (run: () => undefined, encoder: GPUComputePassEncoder): undefined => {
    totals.boundBytes += sum([...(bound.get(encoder)?.values() ?? [])]);
    return skip() ? undefined : run();
  };
  pass.dispatchWorkgroups = wrap(pass.dispatchWorkgroups, dispatch);
  pass.dispatchWorkgroupsIndirect = wrap(pass.dispatchWorkgroupsIndirect, dispatch);
}

/** `method` with something around each call; `run` makes the call itself. */
function wrap<This, M extends (...args: never[]) => unknown>(
  method: M,
  around: (run: () => ReturnType<M>, self: This, args: Parameters<M>) => ReturnType<M>,
): M {
  return new Proxy(method, {
    apply: (target, self: This, args: Parameters<M>) =>
      around(() => Reflect.apply(target, self, args) as ReturnType<M>, self, args),
  });
}

function boundSize(resource: GPUBindingResource): number {
  if (resource instanceof GPUBuffer) return resource.size;
  if (!('buffer' in resource)) return 0; // a texture or a sampler
  const { buffer, offset = 0, size = buffer.size - offset } = resource;
  return size;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
