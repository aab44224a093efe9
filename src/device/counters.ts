/**
 * Counts what a GPU device is asked to do: dispatches, submits, buffers and their bytes. Methods
 * of this one device are wrapped when it is made, so TF.js's work and our own are counted alike.
 */

/** Running totals since the device was made; `bytes` is what is held now. */
export interface GpuTotals {
  dispatches: number;
  submits: number;
  buffers: number; // created
  bytes: number; // in buffers created and not destroyed
  peakBytes: number; // the most `bytes` has been since the last reset of a counter
}

export interface GpuCounter {
  /** Starts over at 0; the peak starts from what is held now. */
  reset(): void;
  /** Since the last reset; all 0 where there is no GPU device. */
  read(): GpuTotals;
}

const none: GpuTotals = { dispatches: 0, submits: 0, buffers: 0, bytes: 0, peakBytes: 0 };
let current: GpuTotals | null = null;

/** Wraps `device`, which becomes the one that counters read. */
export function countGpu(device: GPUDevice): GpuTotals {
  const totals: GpuTotals = { ...none };
  countSubmits(device.queue, totals);
  countBuffers(device, totals);
  countDispatches(device, totals);
  current = totals;
  return totals;
}

export function stopCounting(): void {
  current = null;
}

/** Bytes in GPU buffers now; null where there is no GPU device. */
export function gpuBytes(): number | null {
  return current === null ? null : current.bytes;
}

export function createGpuCounter(): GpuCounter {
  let start: GpuTotals = { ...none };
  const counter: GpuCounter = {
    reset() {
      if (current !== null) current.peakBytes = current.bytes;
      start = { ...(current ?? none) };
    },
    read() {
      const now = current ?? none;
      return {
        dispatches: now.dispatches - start.dispatches,
        submits: now.submits - start.submits,
        buffers: now.buffers - start.buffers,
        bytes: now.bytes,
        peakBytes: now.peakBytes,
      };
    },
  };
  counter.reset();
  return counter;
}

function countSubmits(queue: GPUQueue, totals: GpuTotals): void {
  const submit = queue.submit.bind(queue);
  queue.submit = (commands) => {
    totals.submits++;
    return submit(commands);
  };
}

function countBuffers(device: GPUDevice, totals: GpuTotals): void {
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    totals.buffers++;
    totals.bytes += buffer.size;
    totals.peakBytes = Math.max(totals.peakBytes, totals.bytes);
    const destroy = buffer.destroy.bind(buffer);
    let held = buffer.size; // bytes; destroying twice is allowed, and counts once
    buffer.destroy = () => {
      totals.bytes -= held;
      held = 0;
      return destroy();
    };
    return buffer;
  };
}

function countDispatches(device: GPUDevice, totals: GpuTotals): void {
  const createCommandEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (encoderDescriptor) => {
    const encoder = createCommandEncoder(encoderDescriptor);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (passDescriptor) => {
      const pass = beginComputePass(passDescriptor);
      const dispatch = pass.dispatchWorkgroups.bind(pass);
      const dispatchIndirect = pass.dispatchWorkgroupsIndirect.bind(pass);
      pass.dispatchWorkgroups = (x, y, z) => {
        totals.dispatches++;
        return dispatch(x, y, z);
      };
      pass.dispatchWorkgroupsIndirect = (buffer, offset) => {
        totals.dispatches++;
        return dispatchIndirect(buffer, offset);
      };
      return pass;
    };
    return encoder;
  };
}
