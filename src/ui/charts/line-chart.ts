/**
 * A plain description of a line chart turned into uPlot's options (uPlot 1.6). Colours are read from
 * the page's custom properties and may be read again when the theme changes; uPlot's own legend and
 * title stay off, since ours are words in the page.
 */
import type uPlot from 'uplot';

export interface ChartLine {
  label: string;
  tone: 'soft' | 'leaf';
  values: number[];
}

export interface LineChartData {
  x: number[]; // whole numbers from 1: epochs
  xMax: number; // as far as the run is planned to go
  lines: ChartLine[];
  mark: { x: number; line: number; text: string } | null; // the best epoch
}

export interface LineChartAxes {
  xLabel: string;
  yLabel: string;
  yScale: 'percent' | 'from-zero';
  formatTick: (value: number) => string;
}

export interface ChartColors {
  soft: string;
  leaf: string;
  line: string;
  card: string;
  font: string;
}

/** The page's colours as a canvas understands them: `light-dark()` resolved by a probe's `color`. */
export function readColors(element: HTMLElement): ChartColors {
  const probe = document.createElement('span');
  element.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const rootSize = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const colors = {
    soft: read('--soft'),
    leaf: read('--leaf'),
    line: read('--line'),
    card: read('--card'),
    font: `${Math.max(12, Math.round(0.8 * rootSize))}px ${getComputedStyle(element).fontFamily}`,
  };
  probe.remove();
  return colors;
}

/** Top and bottom of the value axis: percents in tens, anything else from zero. */
export function valueRange(
  scale: LineChartAxes['yScale'],
  low: number | null,
  high: number | null,
): [number, number] {
  if (scale === 'from-zero') return [0, high === null || high <= 0 ? 1 : high * 1.06];
  if (low === null || high === null) return [0, 100];
  return [
    Math.max(0, Math.min(90, Math.floor(low / 10) * 10)),
    Math.min(100, Math.ceil((high + 1) / 10) * 10),
  ];
}

/** One epoch alone stands in the middle, not on the edge. */
export const epochRange = (xMax: number): [number, number] => (xMax < 2 ? [0, 2] : [1, xMax]);

/** The first epoch, then whole steps: 1, 5, 10 … */
export function epochSplits(low: number, high: number, step: number): number[] {
  const splits = step > 1 && low <= 1 ? [1] : [];
  for (let x = Math.ceil(low / step) * step; x <= high; x += step) splits.push(x);
  return splits;
}

/** Where there is only one point there is no line to see, so every point is drawn while few. */
const fewPoints = 3;

export function chartOptions(
  size: { width: number; height: number },
  axes: LineChartAxes,
  current: () => { data: LineChartData; colors: ChartColors },
  onHover: (index: number | null) => void,
): uPlot.Options {
  const { colors } = current();
  const axis = (): uPlot.Axis => ({
    stroke: () => current().colors.soft,
    font: colors.font,
    labelFont: colors.font,
    labelSize: 18,
    labelGap: 2,
    ticks: { show: false },
    grid: { stroke: () => current().colors.line, width: 1 },
  });
  return {
    ...size,
    padding: [20, 12, 0, 0], // above: the words at the best epoch
    legend: { show: false },
    cursor: {
      drag: { x: false, y: false, setScale: false },
      y: false,
      points: { size: 7 },
    },
    scales: {
      x: { time: false, range: () => epochRange(current().data.xMax) },
      y: { range: (_, low, high) => valueRange(axes.yScale, low, high) },
    },
    axes: [
      {
        ...axis(),
        label: axes.xLabel,
        size: 24,
        gap: 4,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500],
        splits: (_self, _axis, low, high, step) => epochSplits(low, high, step),
        grid: { show: false },
        values: (_, splits) =>
          splits.map((x) => (x >= 1 && x <= current().data.xMax ? String(x) : null)),
      },
      {
        ...axis(),
        label: axes.yLabel,
        size: 44,
        gap: 4,
        values: (_, splits) => splits.map(axes.formatTick),
      },
    ],
    series: [
      {},
      ...current().data.lines.map<uPlot.Series>(({ tone, label }) => ({
        label,
        stroke: () => current().colors[tone],
        width: tone === 'leaf' ? 2.2 : 1.6,
        points: {
          show: (self) => (self.data[0]?.length ?? 0) <= fewPoints,
          size: 6,
          fill: () => current().colors[tone],
        },
      })),
    ],
    hooks: {
      setCursor: [(self) => onHover(self.cursor.idx ?? null)],
      draw: [(self) => drawMark(self, current())],
    },
  };
}

export const alignedData = (data: LineChartData): uPlot.AlignedData => [
  data.x,
  ...data.lines.map(({ values }) => values),
];

/** A dot on the best epoch with its value beside it, kept inside the plot. */
function drawMark(
  self: uPlot,
  { data, colors }: { data: LineChartData; colors: ChartColors },
): void {
  const { mark } = data;
  const line = mark ? data.lines[mark.line] : undefined;
  const value = mark ? line?.values[data.x.indexOf(mark.x)] : undefined;
  if (!mark || !line || value === undefined) return;
  const { ctx, bbox } = self;
  const ratio = devicePixelRatio;
  const x = self.valToPos(mark.x, 'x', true);
  const y = self.valToPos(value, 'y', true);
  ctx.save();
  ctx.fillStyle = colors[line.tone];
  ctx.strokeStyle = colors.card;
  ctx.lineWidth = 1.5 * ratio;
  ctx.beginPath();
  ctx.arc(x, y, 4.5 * ratio, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
  ctx.font = colors.font.replace(/^\d+/, (size) => String(Number(size) * ratio));
  const width = ctx.measureText(mark.text).width;
  const toLeft = x + width + 10 * ratio > bbox.left + bbox.width;
  const textX = toLeft ? x - 8 * ratio - width : x + 8 * ratio;
  const textY = y - 10 * ratio;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  // a halo of the card's colour keeps the words legible over the lines
  ctx.lineWidth = 4 * ratio;
  ctx.lineJoin = 'round';
  ctx.strokeText(mark.text, textX, textY);
  ctx.fillText(mark.text, textX, textY);
  ctx.restore();
}
