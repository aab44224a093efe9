import { describe, expect, it } from 'vitest';
import { adapterName, isSoftwareAdapter, type AdapterFacts } from '../../src/device/adapter.ts';

const facts = (vendor: string, architecture: string, description = ''): AdapterFacts => ({
  vendor,
  architecture,
  description,
});

describe('isSoftwareAdapter', () => {
  it.each([
    ['Chromium SwiftShader', facts('google', 'swiftshader')],
    ['Mesa', facts('mesa', '', 'llvmpipe (LLVM 19.1.1, 256 bits)')],
    ['Windows', facts('microsoft', '', 'Microsoft Basic Render Driver')],
    ['flagged', { ...facts('nvidia', 'lovelace'), isFallbackAdapter: true }],
  ])('says yes to %s', (_, adapter) => {
    expect(isSoftwareAdapter(adapter)).toBe(true);
  });

  it.each([
    ['Apple', facts('apple', 'metal-3')],
    ['NVIDIA', facts('nvidia', 'lovelace', 'NVIDIA GeForce RTX 4060')],
    ['Intel', { ...facts('intel', 'gen-12lp'), isFallbackAdapter: false }],
    ['Mesa on a real GPU', facts('amd', 'rdna-3', 'AMD Radeon RX 7600 (RADV NAVI33)')],
    ['a browser that says nothing', facts('', '')],
  ])('says no to %s', (_, adapter) => {
    expect(isSoftwareAdapter(adapter)).toBe(false);
  });
});

describe('adapterName', () => {
  it('takes the description, else what there is', () => {
    expect(adapterName(facts('nvidia', 'lovelace', 'RTX 4060'))).toBe('RTX 4060');
    expect(adapterName(facts('apple', 'metal-3'))).toBe('apple metal-3');
    expect(adapterName(facts('', ''))).toBe('unnamed adapter');
  });
});
