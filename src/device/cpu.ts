/** What the CPU has to give: cores for workers that compute, and memory for what each of them holds. */

/** A worker with a network: code, a WASM heap with weights and a slice's activations. */
const workerBytes = 192 * 2 ** 20;
/** Of the machine's memory; the rest is for photos, the page and everybody else. */
const memoryShare = 0.25;
/** Beyond this, the one thread that feeds them is what they wait for. */
const mostWorkers = 16;

/** `memoryGiB` as in `navigator.deviceMemory`: rounded, 8 at most, and missing in some browsers. */
export interface Cpu {
  cores: number;
  memoryGiB: number | null;
}

export function thisCpu(): Cpu {
  const { hardwareConcurrency } = navigator;
  const memory = 'deviceMemory' in navigator ? Number(navigator.deviceMemory) : Number.NaN;
  return { cores: hardwareConcurrency, memoryGiB: Number.isFinite(memory) ? memory : null };
}

/** One a core, as far as memory reaches. */
export function computeWorkers({ cores, memoryGiB }: Cpu): number {
  const fit = memoryGiB === null ? mostWorkers : (memoryGiB * 2 ** 30 * memoryShare) / workerBytes;
  return Math.max(1, Math.min(cores, mostWorkers, Math.floor(fit)));
}
