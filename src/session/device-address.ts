/** The device that the address of the page asks for: `?device=webgpu` or `?device=wasm`. */
import type { DevicePreference } from '../protocol/device.ts';

/** Anything else lets the app choose. */
export function preferenceFrom(search: string): DevicePreference {
  const asked = new URLSearchParams(search).get('device');
  return asked === 'webgpu' || asked === 'wasm' ? asked : 'auto';
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
