/**
 * How long each dispatch takes: every one in a compute pass of its own, between two timestamps
 * (WebGPU, section 20.4 "Timestamp Query"). Where a device has none, each is submitted alone and
 * waited for, less what waiting for nothing takes.
 */
import { encode, type Prepared } from './executor.ts';

export interface DispatchTimer {
  readonly by: 'timestamps' | 'submits';
  /** Runs the dispatches in order, once each → nanoseconds each. */
  time(dispatches: readonly Prepared[]): Promise<number[]>;
  /** Nanoseconds: what times are rounded to, as far as seen; or what waiting for nothing takes. */
  readonly grain: number;
}

export async function createDispatchTimer(device: GPUDevice): Promise<DispatchTimer> {
  return device.features.has('timestamp-query') ? byTimestamps(device) : bySubmits(device);
}

const pairs = 2048; // WebGPU's most queries in a set are 4096

function byTimestamps(device: GPUDevice): DispatchTimer {
  let grain = 0n;
  return {
    by: 'timestamps',
    get grain() {
      return Number(grain);
    },
    async time(dispatches) {
      const chunks = Array.from({ length: Math.ceil(dispatches.length / pairs) }, (_, chunk) =>
        dispatches.slice(chunk * pairs, (chunk + 1) * pairs),
      );
      const stamps: bigint[] = [];
      for (const chunk of chunks) stamps.push(...(await stampsOf(device, chunk)));
      for (const stamp of stamps) grain = commonDivisor(grain, stamp);
      return dispatches.map((_, i) => Number((stamps[2 * i + 1] ?? 0n) - (stamps[2 * i] ?? 0n)));
    },
  };
}

/** Of each dispatch, when it began and when it ended. */
async function stampsOf(device: GPUDevice, dispatches: readonly Prepared[]): Promise<bigint[]> {
  const count = 2 * dispatches.length;
  const querySet = device.createQuerySet({ type: 'timestamp', count });
  const { COPY_SRC, COPY_DST, MAP_READ, QUERY_RESOLVE } = GPUBufferUsage;
  const size = 8 * count;
  const resolved = device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
  const staging = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  try {
    const encoder = device.createCommandEncoder();
    dispatches.forEach((dispatch, i) => {
      const pass = encoder.beginComputePass({
        timestampWrites: {
          querySet,
          beginningOfPassWriteIndex: 2 * i,
          endOfPassWriteIndex: 2 * i + 1,
        },
      });
      encode(pass, [dispatch]);
      pass.end();
    });
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    return Array.from(new BigUint64Array(staging.getMappedRange().slice(0)));
  } finally {
    querySet.destroy();
    resolved.destroy();
    staging.destroy();
  }
}

/** Rounded times are all multiples of what they are rounded to. */
function commonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : commonDivisor(b, a % b);
}

async function bySubmits(device: GPUDevice): Promise<DispatchTimer> {
  const submit = async (dispatches: readonly Prepared[]): Promise<number> => {
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encode(pass, dispatches);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - start) * 1e6;
  };
  await submit([]);
  const empty = [];
  for (let i = 0; i < 9; i++) empty.push(await submit([]));
  const grain = empty.sort((a, b) => a - b)[4] ?? 0;
  return {
    by: 'submits',
    grain,
    async time(dispatches) {
      const times: number[] = [];
      for (const dispatch of dispatches) {
        times.push(Math.max(0, (await submit([dispatch])) - grain));
      }
      return times;
    },
  };
}
