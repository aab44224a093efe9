import { expect, test } from 'vitest';
import { addressFor, asksForProfile, preferenceFrom } from '../../src/session/device-address.ts';
import { isOwn, restrictsConnections } from '../../src/session/reach.ts';

test.each([
  ["default-src 'self'; connect-src 'self' blob: data:", true],
  ["default-src 'self'", true],
  ["default-src 'none'", true],
  ["default-src 'self'; connect-src *", false],
  ["default-src 'self'; connect-src 'self' https://example.org", false],
  ["script-src 'self'", false],
  ['', false],
  [null, false],
])('%j restricts connections: %s', (policy, expected) => {
  expect(restrictsConnections(policy)).toBe(expected);
});

test.each([
  ['http://localhost:4173/assets/index.js', true],
  ['sample/sample.json', true],
  ['blob:http://localhost:4173/0000', true],
  ['http://localhost:4174/', false],
  ['https://example.org/x.png', false],
])('%s is our own: %s', (address, expected) => {
  const page = { href: 'http://localhost:4173/?lang=zh#data', origin: 'http://localhost:4173' };
  expect(isOwn(address, page)).toBe(expected);
});

test('the address can ask for a profile', () => {
  expect(asksForProfile('?device=webgpu&profile')).toBe(true);
  expect(asksForProfile('?device=profile')).toBe(false);
});

test('the address can ask for a device, and stop asking', () => {
  expect(preferenceFrom('?lang=zh&device=wasm')).toBe('wasm');
  expect(preferenceFrom('?device=cuda')).toBe('auto');
  const { pathname, search, hash } = new URL('http://localhost/graft/?lang=zh#model');
  const here = { pathname, search, hash };
  expect(addressFor('wasm', here)).toBe('/graft/?lang=zh&device=wasm#model');
  expect(addressFor('auto', { ...here, search: '?device=wasm' })).toBe('/graft/#model');
});
