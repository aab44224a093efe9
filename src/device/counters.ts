/**
 * Counts what a GPU device is asked to do: dispatches, submits, buffers and their bytes, bind
 * groups, what is uploaded and read back. Methods of this one device are wrapped when it is made,
 * so TF.js's work and our own are counted alike.
 */

/** Running totals since the device was made; `bytes` is what is held now. */
export interface GpuTotals {
  dispatches: number;
  submits: number;
  buffers: number; // created
  bindGroups: number; // created
  uploadBytes: number; // written by the queue, or through a mapping
  readBacks: number; // mappings for reading
  bytes: number; // in buffers created and not destroyed
  peakBytes: number; // the most `bytes` has been since the last reset of a counter
}

export interface GpuCounter {
  /** Starts over at 0; the peak starts from what is held now. */
  reset(): void;
  /** Since the last reset; all 0 where there is no GPU device. */
  read(): GpuTotals;
}

const none: GpuTotals = {
  dispatches: 0,
  submits: 0,
  buffers: 0,
  bindGroups: 0,
  uploadBytes: 0,
  readBacks: 0,
  bytes: 0,
  peakBytes: 0,
};
let current: GpuTotals | null = null;

/** Wraps `device`, which becomes the one that counters read. */
export function countGpu(device: GPUDevice): GpuTotals {
  const totals: GpuTotals = { ...none };
  countQueue(device.queue, totals);
  countBuffers(device, totals);
  countBindGroups(device, totals);
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
        bindGroups: now.bindGroups - start.bindGroups,
        uploadBytes: now.uploadBytes - start.uploadBytes,
        readBacks: now.readBacks - start.readBacks,
        bytes: now.bytes,
        peakBytes: now.peakBytes,
      };
    },
  };
  counter.reset();
  return counter;
}

function countQueue(queue: GPUQueue, totals: GpuTotals): void {
  const submit = queue.submit.bind(queue);
  queue.submit = (commands) => {
    totals.submits++;
    return submit(commands);
  };
  const writeBuffer = queue.writeBuffer.bind(queue);
  queue.writeBuffer = (buffer, offset, data, from = 0, size?) => {
    const element = 'BYTES_PER_ELEMENT' in data ? Number(data.BYTES_PER_ELEMENT) : 1;
    totals.uploadBytes += size === undefined ? data.byteLength - from * element : size * element;
    writeBuffer(buffer, offset, data, from, size);
    return undefined;
  };
}

function countBindGroups(device: GPUDevice, totals: GpuTotals): void {
  const createBindGroup = device.createBindGroup.bind(device);
  device.createBindGroup = (descriptor) => {
    totals.bindGroups++;
    return createBindGroup(descriptor);
  };
}

function countBuffers(device: GPUDevice, totals: GpuTotals): void {
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    totals.buffers++;
    totals.bytes += buffer.size;
    totals.peakBytes = Math.max(totals.peakBytes, totals.bytes);
    if (descriptor.mappedAtCreation === true) totals.uploadBytes += buffer.size;
    countMappings(buffer, totals);
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

function countMappings(buffer: GPUBuffer, totals: GpuTotals): void {
  const mapAsync = buffer.mapAsync.bind(buffer);
  buffer.mapAsync = (mode, offset, size) => {
    if ((mode & GPUMapMode.READ) !== 0) totals.readBacks++;
    else totals.uploadBytes += size ?? buffer.size - (offset ?? 0);
    return mapAsync(mode, offset, size);
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
