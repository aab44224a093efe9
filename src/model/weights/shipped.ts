/**
 * Weights that come with the app: fetched from its own origin, checked against the checksum in
 * `public/backbones/*.json`. The files are described in `public/backbones/README.md`.
 */
import type { BackboneName } from '../../protocol/backbone.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Backbone } from '../graph.ts';
import type { StateDict } from '../state-dict.ts';
import { checkWeights } from './load.ts';
import { readSafetensors } from './safetensors.ts';

interface ShippedFile {
  readonly bytes: number;
  readonly sha256: string;
}

const shippedFiles: Readonly<Partial<Record<BackboneName, ShippedFile>>> = {
  efficientnet_lite0: {
    bytes: 9_582_512,
    sha256: '011f5372e379aa13bc4c582303d08dcf63075992d17e56a1f96422f71e2be82e',
  },
};

/** Null where the app has no weights of its own for this backbone. */
export function shippedFile(backbone: BackboneName): ShippedFile | null {
  return shippedFiles[backbone] ?? null;
}

export async function loadShipped(backbone: Backbone): Promise<StateDict> {
  const file = shippedFile(backbone.name);
  if (file === null) throw new AppError('weights-missing', { backbone: backbone.title });
  const name = `${backbone.name}.safetensors`;
  const response = await fetch(`${import.meta.env.BASE_URL}backbones/${name}`);
  if (!response.ok) throw new AppError('weights-missing', { backbone: backbone.title });
  const bytes = new Uint8Array(await response.arrayBuffer());
  await checkBytes(bytes, file, name);
  const { tensors } = readSafetensors(bytes, name);
  return checkWeights(tensors, backbone);
}

async function checkBytes(
  bytes: Uint8Array<ArrayBuffer>,
  file: ShippedFile,
  name: string,
): Promise<void> {
  const fail = (detail: string) => new AppError('weights-format', { name, detail });
  if (bytes.length !== file.bytes) {
    throw fail(`expected ${file.bytes} bytes, got ${bytes.length}: the download was cut short`);
  }
  // Undefined on http origins other than localhost; there the length has to do.
  const subtle: SubtleCrypto | undefined = crypto.subtle;
  if (subtle === undefined) return;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  const found = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== file.sha256) throw fail(`expected checksum ${file.sha256}, got ${found}`);
}
