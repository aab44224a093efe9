/**
 * How long work takes on the GPU: by its own clock where the device has one, else by the time from
 * one empty queue to the next. Browsers round the GPU's clock to 0.1 ms, so either way the same
 * dispatches run in a long chain.
 */
import { encode, type Prepared } from '../../ops/gpu/executor.ts';

export interface Stopwatch {
  /** Milliseconds of one run of `work`, on the mean of a chain. */
  time(work: readonly Prepared[]): Promise<number>;
  destroy(): void;
}

const mostRuns = 256;

export function createStopwatch(device: GPUDevice, now: () => number): Stopwatch {
  const clock = device.features.has('timestamp-query') ? createClock(device) : null;
  const chainMs = clock === null ? 10 : 2;
  const chain = async (work: readonly Prepared[], runs: number): Promise<number> => {
    await device.queue.onSubmittedWorkDone();
    const start = now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(clock?.descriptor);
    for (let run = 0; run < runs; run++) encode(pass, work);
    pass.end();
    clock?.resolve(encoder);
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    const ms = now() - start;
    return clock === null ? ms : await clock.read();
  };
  return {
    async time(work) {
      await chain(work, 1); // caches and clocks come up
      for (let runs = 1; ; runs *= 4) {
        const ms = await chain(work, runs);
        if (ms >= chainMs || runs >= mostRuns) return ms / runs;
      }
    },
    destroy: () => clock?.destroy(),
  };
}

/** Two time stamps around a pass. */
function createClock(device: GPUDevice) {
  const stamps = device.createQuerySet({ type: 'timestamp', count: 2 });
  const size = 16; // two u64, in nanoseconds
  const resolved = device.createBuffer({
    label: 'time stamps',
    size,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  const staging = device.createBuffer({
    label: 'time stamps',
    size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  return {
    descriptor: {
      timestampWrites: { querySet: stamps, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
    },
    resolve(encoder: GPUCommandEncoder): void {
      encoder.resolveQuerySet(stamps, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    },
    async read(): Promise<number> {
      await staging.mapAsync(GPUMapMode.READ);
      const [begin = 0n, end = 0n] = new BigUint64Array(staging.getMappedRange());
      staging.unmap();
      return Number(end - begin) / 1e6;
    },
    destroy(): void {
      stamps.destroy();
      resolved.destroy();
      staging.destroy();
    },
  };
}
