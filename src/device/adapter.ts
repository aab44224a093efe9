/**
 * What a WebGPU adapter is: a real GPU, or one that is emulated on the CPU and therefore slower
 * than our WASM path. Field names as in the WebGPU specification, section 4.2 "GPUAdapterInfo".
 */

/** The part of `GPUAdapterInfo` that browsers agree on; `isFallbackAdapter` is its newest member. */
export interface AdapterFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly device?: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

/** Names under which the software rasterizers of Chromium, Mesa and Windows show up. */
const softwareNames =
  /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b|software|\bcpu\b/i;

export function isSoftwareAdapter(facts: AdapterFacts): boolean {
  if (facts.isFallbackAdapter === true) return true;
  return softwareNames.test(namesOf(facts).join(' '));
}

/** As the driver names it, else vendor and architecture; Chromium leaves the rest empty. */
export function adapterName(facts: AdapterFacts): string {
  const { vendor, architecture, device = '', description } = facts;
  if (description !== '') return description;
  const parts = [vendor, architecture, device].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(' ') : 'unnamed adapter';
}

function namesOf(facts: AdapterFacts): string[] {
  return [facts.vendor, facts.architecture, facts.device ?? '', facts.description];
}
