/** The bench's results as text: what is slower than stock first, then all figures, then notes. */
import { aligned, bytesText } from '../util/text-table.ts';
import type { CaseResult, Measures } from './bench-cases.ts';
import type { TorchReport } from './bench-torch.ts';

const columns: readonly { title: string; cell: (m: Measures) => string }[] = [
  { title: 'ms', cell: ({ ms }) => milliseconds(ms) },
  { title: 'host ms', cell: ({ hostMs }) => milliseconds(hostMs) },
  { title: 'dispatches', cell: (m) => count(m.dispatches) },
  { title: 'submits', cell: (m) => count(m.submits) },
  { title: 'buffers', cell: (m) => count(m.buffers) },
  { title: 'bind groups', cell: (m) => count(m.bindGroups) },
  { title: 'uploads', cell: (m) => bytes(m.uploadBytes) },
  { title: 'peak', cell: (m) => bytes(m.peakBytes) },
  { title: 'bound', cell: (m) => bytes(m.boundBytes) },
];

export function benchTable(cases: readonly CaseResult[], torch: TorchReport | null): string {
  const titles = torch === null ? [] : ['torch ms', 'tf32 ms', 'torch / ours'];
  const header = ['case', 'engine', ...columns.map(({ title }) => title), 'stock / ours'];
  const rows = cases.flatMap(({ name, ours, stock, ratio: overStock }) => [
    [name, 'ours', ...cells(ours), ratio(overStock), ...torchCells(name, ours, torch)],
    ['', 'stock', ...cells(stock), '', ...titles.map(() => '')],
  ]);
  const slower = cases.filter(({ ratio }) => ratio !== null && ratio < 1);
  const notes = cases.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`));
  return [
    ...slower.map(({ name, ratio }) => `Slower than stock: ${name} (${ratio?.toFixed(2)})`),
    ...aligned([[...header, ...titles], ...rows], 2),
    ...notes,
    ...(torch === null ? [] : [torchLine(torch)]),
  ].join('\n');
}

function torchCells(name: string, { ms }: Measures, torch: TorchReport | null): string[] {
  if (torch === null) return [];
  const times = torch.cases[name];
  if (times === undefined) return ['-', '-', '-'];
  const over = ms === null ? null : times.ms / ms;
  return [milliseconds(times.ms), milliseconds(times.tf32Ms), ratio(over)];
}

function torchLine({ torch, device, matmul }: TorchReport): string {
  const { size, tflops, tf32Tflops } = matmul;
  const tf32 = tf32Tflops === null ? '' : `, ${tf32Tflops.toFixed(1)} with TF32`;
  return `PyTorch ${torch} on ${device}: ${size}² product ${tflops.toFixed(2)} TFLOPS${tf32}`;
}

function cells(measures: Measures | null): string[] {
  return columns.map(({ cell }) => (measures === null ? '-' : cell(measures)));
}

function ratio(value: number | null): string {
  return value === null ? '-' : value.toFixed(2);
}

function milliseconds(value: number | null): string {
  return value === null ? '-' : value.toFixed(value < 100 ? 1 : 0);
}

function count(value: number | null): string {
  return value === null ? '-' : String(value);
}

function bytes(value: number | null): string {
  return value === null ? '-' : bytesText(value);
}
