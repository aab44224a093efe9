import { expect, test } from 'vitest';
import { restrictsConnections } from '../../src/session/privacy.svelte.ts';

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
