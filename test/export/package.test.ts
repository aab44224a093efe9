import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { exportPackage } from '../../src/export/package.ts';
import { backbones } from '../../src/model/backbones/index.ts';
import { readSafetensors } from '../../src/model/weights/safetensors.ts';
import type { BackboneName } from '../../src/protocol/backbone.ts';
import { classes, run, seededState } from './fixtures.ts';

async function exported(name: BackboneName) {
  const backbone = backbones[name];
  const stateDict = seededState(backbone, classes.length);
  const { fileName, zip } = await exportPackage({
    format: 'safetensors',
    backbone,
    stateDict,
    classes,
    preprocessing: run.preprocessing,
    epochs: run.epochs,
    run,
  });
  const files = unzipSync(new Uint8Array(await zip.arrayBuffer()));
  const text = (file: string) => new TextDecoder('utf-8', { fatal: true }).decode(files[file]);
  return { fileName, zip, files, text, stateDict };
}

/** The header of a safetensors file. */
function headerOf(bytes: Uint8Array): Record<string, { dtype: string; shape: number[] }> {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
}

describe('exportPackage', () => {
  it('has its six files, the weights stored, and a name that says what it is', async () => {
    const { fileName, files, zip } = await exported('efficientnet_lite0');
    expect(fileName).toBe('水果-8-split-efficientnet_lite0-safetensors.zip');
    expect(zip.type).toBe('application/zip');
    expect(Object.keys(files).sort()).toEqual([
      'README.txt',
      'labels.json',
      'metrics.csv',
      'model.safetensors',
      'predict.py',
      'preprocess.json',
    ]);
    expect(zip.size).toBeGreaterThan(files['model.safetensors']?.length ?? Infinity);
  });

  it('writes labels that people can read, in order', async () => {
    const { text } = await exported('efficientnet_lite0');
    expect(text('labels.json')).toBe(
      '{\n  "0": "柠檬",\n  "1": "苹果, \\"red\\"",\n  "2": "пельмени"\n}\n',
    );
  });

  it('writes exactly the preprocessing of the run', async () => {
    const { text } = await exported('efficientnet_lite0');
    expect(JSON.parse(text('preprocess.json'))).toEqual({
      mode: 'crop',
      resize: 256,
      crop: 224,
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      interpolation: 'bicubic',
    });
  });

  it('writes a row an epoch, without rounding', async () => {
    const { text } = await exported('efficientnet_lite0');
    expect(text('metrics.csv')).toBe(
      'epoch,train_loss,train_top1,val_loss,val_top1,val_top5,learning_rate,seconds\n' +
        '1,1.5,0.25,0.3333333333333333,0.5,1,1e-7,2.5\n' +
        '2,0.75,0.5,0.3333333333333333,0.5,1,1e-7,2.5\n',
    );
  });

  it('tells in both languages how to run it', async () => {
    const { text } = await exported('resnet18');
    expect(text('README.txt')).toContain('pip install torch torchvision pillow numpy');
    expect(text('README.txt')).toContain('Best epoch         2 of 3, validation top-1 50.0 %');
    expect(text('README.txt')).toContain('训练方式           只微调最后一层');
    expect(text('predict.py')).toContain('def main():');
  });

  it("has timm's tensors, all of them, as timm's strict load wants", async () => {
    const { files, stateDict } = await exported('efficientnet_lite0');
    const bytes = files['model.safetensors'] ?? new Uint8Array();
    const { __metadata__: metadata, ...header } = headerOf(bytes);
    // The shipped file was loaded into timm's model with strict=True when it was made.
    const shipped = headerOf(readFileSync('public/backbones/efficientnet_lite0.safetensors'));
    delete shipped.__metadata__;
    expect(Object.keys(header).sort()).toEqual(Object.keys(shipped).sort());
    for (const [name, { shape, dtype }] of Object.entries(header)) {
      const counter = name.endsWith('num_batches_tracked');
      expect(dtype).toBe(counter ? 'I64' : 'F32');
      if (!name.startsWith('classifier.')) expect(shape).toEqual(shipped[name]?.shape);
    }
    expect(metadata).toEqual({
      format: 'pt',
      library: 'timm',
      model: 'tf_efficientnet_lite0',
      num_classes: '3',
    });
    const { tensors } = readSafetensors(bytes, 'x');
    for (const [name, { data }] of stateDict) {
      expect(
        tensors.get(name)?.data.every((value, i) => value === data[i]),
        name,
      ).toBe(true);
    }
  });

  it("has torchvision's counters for ResNet-18", async () => {
    const { files } = await exported('resnet18');
    const header = headerOf(files['model.safetensors'] ?? new Uint8Array());
    // torchvision's resnet18 has 122 entries: 62 parameters, 40 statistics, 20 counters.
    expect(Object.keys(header)).toHaveLength(122 + 1);
    expect(header['layer4.0.downsample.1.num_batches_tracked']).toMatchObject({
      dtype: 'I64',
      shape: [],
    });
  });

  it("has torchvision's names and counters for MobileNetV2", async () => {
    const { files } = await exported('mobilenet_v2');
    const { __metadata__: metadata, ...header } = headerOf(
      files['model.safetensors'] ?? new Uint8Array(),
    );
    // torchvision's mobilenet_v2 has 314 entries: 158 parameters, 104 statistics, 52 counters.
    expect(Object.keys(header)).toHaveLength(314);
    expect(header['classifier.1.weight']?.shape).toEqual([3, 1280]);
    expect(metadata).toMatchObject({ library: 'torchvision', model: 'mobilenet_v2' });
  });

  it('names a package after nothing else when the dataset has no usable name', async () => {
    const { fileName } = await exportPackage({
      format: 'safetensors',
      backbone: backbones.resnet18,
      stateDict: new Map(),
      classes,
      preprocessing: run.preprocessing,
      epochs: [],
      run: { ...run, datasetName: '../..' },
    });
    expect(fileName).toBe('graft-resnet18-safetensors.zip');
  });
});
