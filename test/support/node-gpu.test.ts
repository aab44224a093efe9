import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openNodeGpu } from './node-gpu.ts';

const device = await openNodeGpu();

describe.skipIf(device === null)('a GPU in node', () => {
  it('is one that TF.js computes on', async () => {
    expect(tf.getBackend()).toBe('webgpu');
    const a = tf.reshape(tf.range(0, 6400), [80, 80]);
    const found = await tf.matMul(a, tf.eye(80)).data();
    expect(Array.from(found)).toEqual(Array.from({ length: 6400 }, (_, i) => i));
  });

  it('runs a kernel of one’s own on the same device', async () => {
    if (device === null) return;
    const code = `
      @group(0) @binding(0) var<storage, read_write> values: array<f32>;
      @compute @workgroup_size(64)
      fn main(@builtin(global_invocation_id) id: vec3u) { values[id.x] = 2 * f32(id.x); }`;
    const pipeline = await device.createComputePipelineAsync({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code }) },
    });
    const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    const values = device.createBuffer({ size: 256, usage: STORAGE | COPY_SRC });
    const read = device.createBuffer({ size: 256, usage: COPY_DST | MAP_READ });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const entries = [{ binding: 0, resource: { buffer: values } }];
    const layout = pipeline.getBindGroupLayout(0);
    pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(values, 0, read, 0, 256);
    device.queue.submit([encoder.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    const found = new Float32Array(read.getMappedRange());
    expect(Array.from(found)).toEqual(Array.from({ length: 64 }, (_, i) => 2 * i));
  });
});
