/**
 * News of a GPU device that nobody asked for: it was lost (driver reset, GPU process gone, too
 * much memory), or a command of ours was invalid (`uncapturederror`), which WebGPU otherwise only
 * logs while the numbers turn to garbage. What happens before somebody listens is kept for them.
 */
type Listener = (detail: string) => void;

const lost = createNews();
const failed = createNews();
const released = new WeakSet<GPUDevice>();

/** Calls back once a device, while in use, is lost. Returns how to stop listening. */
export function onDeviceLost(listener: Listener): () => void {
  return lost.listen(listener);
}

/** Calls back for each WebGPU error that no scope captured: treat it as a failed computation. */
export function onGpuError(listener: Listener): () => void {
  return failed.listen(listener);
}

/** Whether the device has been lost, or given back. What befell the one before it is old news. */
export function watchDevice(device: GPUDevice): { readonly lost: boolean } {
  const state = { lost: false };
  lost.forget();
  failed.forget();
  void device.lost.then(({ reason, message }) => {
    state.lost = true;
    if (!released.has(device)) lost.tell(message === '' ? reason : message);
  });
  device.addEventListener('uncapturederror', ({ error }) => {
    const kind = error instanceof GPUOutOfMemoryError ? 'out of memory: ' : '';
    failed.tell(kind + error.message);
  });
  return state;
}

/** Destroys a device on purpose, which is no news. */
export function releaseDevice(device: GPUDevice): void {
  released.add(device);
  device.destroy();
}

interface News {
  tell: Listener;
  listen(listener: Listener): () => void;
  forget(): void;
}

function createNews(): News {
  const kept = 16; // an invalid pipeline can fail thousands of times a second
  const listeners = new Set<Listener>();
  let untold: string[] = [];
  return {
    tell(detail) {
      if (listeners.size === 0) untold = [...untold, detail].slice(0, kept);
      for (const listener of listeners) listener(detail);
    },
    listen(listener) {
      listeners.add(listener);
      for (const detail of untold.splice(0)) listener(detail);
      return () => listeners.delete(listener);
    },
    forget() {
      untold = [];
    },
  };
}
