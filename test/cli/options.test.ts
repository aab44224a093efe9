import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/errors.ts';
import { parseOptions } from '../../src/cli/options.ts';

const parse = (line: string) => parseOptions(line.split(' ').filter(Boolean));
const required = '--zip photos.zip --out result';

describe('parseOptions', () => {
  it('leaves to the page what was not given', () => {
    expect(parse(required)).toEqual({
      zip: 'photos.zip',
      out: 'result',
      backbone: null,
      weights: null,
      strategy: null,
      settings: {},
      augment: null,
      precision: null,
      device: 'auto',
      lang: 'en',
      exports: ['safetensors'],
    });
  });

  it('reads every option of the contract', () => {
    const line =
      `${required} --backbone resnet18 --weights w.pth --strategy all --epochs 3 --batch-size 8 ` +
      '--lr 1e-3 --image-size 128 --augment none --precision half --seed 7 --device wasm --lang zh --export safetensors';
    expect(parse(line)).toEqual({
      zip: 'photos.zip',
      out: 'result',
      backbone: 'resnet18',
      weights: 'w.pth',
      strategy: 'all',
      settings: {
        epochs: '3',
        batchSize: '8',
        learningRate: '0.001',
        imageSize: '128',
        seed: '7',
      },
      augment: 'none',
      precision: 'half',
      device: 'wasm',
      lang: 'zh',
      exports: ['safetensors'],
    });
  });

  it('takes --name=value, and values with spaces and =', () => {
    expect(parseOptions(['--zip=a=b c.zip', '--out', 'my result'])).toMatchObject({
      zip: 'a=b c.zip',
      out: 'my result',
    });
  });

  it.each([
    ['--recipe r.json', '--recipe does not exist in this version yet'],
    ['--unfreeze 2', '--unfreeze does not exist in this version yet'],
    ['--strategy partial', '--strategy partial does not exist in this version yet'],
    ['--strategy gradual', '--strategy gradual does not exist in this version yet'],
    ['--augment light', '--augment light does not exist in this version yet'],
    ['--augment strong', '--augment strong does not exist in this version yet'],
    ['--export pth', '--export pth does not exist in this version yet'],
    ['--export safetensors,onnx', '--export onnx does not exist in this version yet'],
    ['--export tfjs', '--export tfjs does not exist in this version yet'],
    ['--backbone resnet50', '--backbone resnet50 does not exist in this version yet'],
    ['--backbone alexnet', '--backbone alexnet is unknown'],
    ['--strategy best', '--strategy best is unknown'],
    ['--device tpu', '--device tpu is unknown'],
    ['--lang fr', '--lang fr is unknown'],
    ['--momentum 0.9', '--momentum is unknown'],
    ['--toString x', '“--toString” is not an option'],
    ['photos', '“photos” is not an option'],
    ['--epochs', '--epochs needs a value'],
    ['--epochs --seed 3', '--epochs needs a value'],
    ['--epochs many', '--epochs is “many”; it should be a number'],
    ['--epochs=', '--epochs is “”; it should be a number'],
    ['--seed 1 --seed 2', '--seed was given twice'],
  ])('refuses %s by name', (extra, sentence) => {
    const refused = () => parse(`${required} ${extra}`);
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(sentence);
  });

  it.each([
    ['--out result', '--zip is missing'],
    ['--zip photos.zip', '--out is missing'],
  ])('asks for what it cannot do without: %s', (line, sentence) => {
    expect(() => parse(line)).toThrow(sentence);
  });

  it('exits with 2', () => {
    expect(new UsageError('x').exitCode).toBe(2);
  });
});
