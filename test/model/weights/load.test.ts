import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { backbones } from '../../../src/model/backbones/index.ts';
import { expectedShapes, type StateDict } from '../../../src/model/state-dict.ts';
import { readWeightsFile } from '../../../src/model/weights/load.ts';
import { writeSafetensors } from '../../../src/model/weights/safetensors.ts';
import { loadShipped, shippedFile } from '../../../src/model/weights/shipped.ts';

const { efficientnet_lite0: lite0, mobilenet_v2: mobilenetV2, resnet18 } = backbones;
const path = 'public/backbones/efficientnet_lite0.safetensors';
/** Of the ONNX model zoo, kept beside the repository. */
const dropped = new URL(
  '../../../../shared/weights/mobilenet_v2_bn_folded.safetensors',
  import.meta.url,
);

/** Zeros of the right shapes. */
function zeros(classes: number): StateDict {
  return new Map(
    [...expectedShapes(lite0, classes)].map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      return [name, { shape, data }];
    }),
  );
}

const asFile = (state: StateDict) => new File([writeSafetensors(state)], 'mine.safetensors');

afterEach(() => vi.unstubAllGlobals());

describe('readWeightsFile', () => {
  it('takes any number of classes, and no head', async () => {
    const state = await readWeightsFile(asFile(zeros(7)), lite0);
    expect(state.get('classifier.weight')?.shape).toEqual([7, 1280]);
    const headless = new Map([...zeros(7)].filter(([name]) => !name.startsWith('classifier.')));
    expect((await readWeightsFile(asFile(headless), lite0)).size).toBe(headless.size);
  });

  it("takes off DataParallel's prefix", async () => {
    const state = new Map([...zeros(2)].map(([name, tensor]) => [`module.${name}`, tensor]));
    expect([...(await readWeightsFile(asFile(state), lite0)).keys()].sort()).toEqual(
      [...zeros(2).keys()].sort(),
    );
  });

  it('says what does not fit', async () => {
    const state = zeros(3);
    state.delete('bn1.bias');
    state.set('bn1.weight', { shape: [31], data: new Float32Array(31) });
    state.set('extra.weight', { shape: [1], data: new Float32Array(1) });
    await expect(readWeightsFile(asFile(state), lite0)).rejects.toMatchObject({
      code: 'weights-mismatch',
      params: {
        backbone: 'EfficientNet-Lite0',
        missing: 'bn1.bias',
        unexpected: 'extra.weight',
        wrongShape: 'bn1.weight [31] ≠ [32]',
      },
    });
  });

  it('tells a .pth by its content and a wrong backbone by its names', async () => {
    const pth = new File([readFileSync('test/golden/weights/plain.pth')], 'a.safetensors');
    await expect(readWeightsFile(pth, lite0)).rejects.toMatchObject({ code: 'weights-mismatch' });
    await expect(readWeightsFile(asFile(zeros(2)), resnet18)).rejects.toMatchObject({
      code: 'weights-mismatch',
      params: { backbone: 'ResNet-18' },
    });
    const text = new File(['not weights at all'], 'a.pth');
    await expect(readWeightsFile(text, lite0)).rejects.toMatchObject({
      code: 'weights-format',
      params: { name: 'a.pth' },
    });
  });
});

it.skipIf(!existsSync(dropped))('a published MobileNetV2, as a person drops it', async () => {
  const file = new File([readFileSync(dropped)], 'mobilenet_v2_bn_folded.safetensors');
  const state = await readWeightsFile(file, mobilenetV2);
  expect([...state].map(([name, { shape }]) => [name, shape]).sort()).toEqual(
    [...expectedShapes(mobilenetV2, 1000)].sort(),
  );
  const filter = state.get('features.0.0.weight')?.data ?? [];
  expect(new Set(filter).size).toBeGreaterThan(800); // of 864: real numbers, not a fill
});

describe('loadShipped', () => {
  const respond = (body: Uint8Array<ArrayBuffer>, status = 200) => {
    const fetched = vi.fn(() => Promise.resolve(new Response(body, { status })));
    vi.stubGlobal('fetch', fetched);
    return fetched;
  };

  it('reads the file of the app, whose checksum and card agree', async () => {
    const fetched = respond(readFileSync(path));
    const state = await loadShipped(lite0);
    expect(fetched).toHaveBeenCalledWith('/backbones/efficientnet_lite0.safetensors');
    expect([...state.keys()].sort()).toEqual([...expectedShapes(lite0, 1000).keys()].sort());

    const card = JSON.parse(readFileSync('public/backbones/efficientnet_lite0.json', 'utf8'));
    expect(card.weights).toMatchObject({ ...shippedFile('efficientnet_lite0') });
    expect(card.preprocessing).toEqual(lite0.preprocessing);
    expect(card.classes).toHaveLength(1000);
  });

  it('refuses a file that was cut or changed on its way', async () => {
    const bytes = readFileSync(path);
    respond(bytes.subarray(0, 1_000_000));
    await expect(loadShipped(lite0)).rejects.toMatchObject({ code: 'weights-format' });
    const changed = new Uint8Array(bytes);
    changed[5_000_000] = (changed[5_000_000] ?? 0) ^ 1;
    respond(changed);
    await expect(loadShipped(lite0)).rejects.toThrow(/expected checksum/);
  });

  it('says when there are none', async () => {
    expect(shippedFile('resnet18')).toBeNull();
    await expect(loadShipped(resnet18)).rejects.toMatchObject({
      code: 'weights-missing',
      params: { backbone: 'ResNet-18' },
    });
    respond(new Uint8Array(), 404);
    await expect(loadShipped(lite0)).rejects.toMatchObject({ code: 'weights-missing' });
  });
});
