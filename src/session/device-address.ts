/**
 * What the address of the page asks of the device: `?device=webgpu` or `?device=wasm` which one, and
 * `?profile` a profile of what it does.
 */
import type { DevicePreference } from '../protocol/device.ts';

/** Anything else lets the app choose. */
export function preferenceFrom(search: string): DevicePreference {
  const asked = new URLSearchParams(search).get('device');
  return asked === 'webgpu' || asked === 'wasm' ? asked : 'auto';
}

export function asksForProfile(search: string): boolean {
  return new URLSearchParams(search).has('profile');
}

/** The same page on another device: a fresh start, since a device is chosen once. */
export function addressFor(
  preference: DevicePreference,
  { pathname, search, hash }: Pick<Location, 'pathname' | 'search' | 'hash'>,
): string {
  const query = new URLSearchParams(search);
  if (preference === 'auto') query.delete('device');
  else query.set('device', preference);
  return pathname + (query.size > 0 ? `?${query}` : '') + hash;
}
