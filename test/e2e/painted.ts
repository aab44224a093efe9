/** Pictures that a network can tell apart, painted in the page: a hue for each class, and noise. */
import type { Page } from '@playwright/test';

export interface PaintedOptions {
  classes: readonly string[];
  train: number;
  val: number;
  size: number; // px
}

export interface PaintedFile {
  path: string; // 'train/apple/0.png'
  data: Uint8Array;
}

export async function paintedClasses(page: Page, options: PaintedOptions): Promise<PaintedFile[]> {
  const files = await page.evaluate(async ({ classes, train, val, size }) => {
    const canvas = new OffscreenCanvas(size, size);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    const painted: { path: string; data: string }[] = [];
    for (const [label, name] of classes.entries()) {
      for (let i = 0; i < train + val; i++) {
        const hue = (360 / classes.length) * label;
        context.fillStyle = `hsl(${(hue + 180) % 360} 20% ${30 + 5 * (i % 8)}%)`;
        context.fillRect(0, 0, size, size);
        context.fillStyle = `hsl(${hue + ((i * 7) % 15)} 80% 55%)`;
        context.beginPath();
        const at = size * (0.4 + 0.02 * (i % 10));
        context.arc(at, size - at, size * 0.3, 0, 2 * Math.PI);
        context.fill();
        const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
        const path = `${i < train ? 'train' : 'val'}/${name}/${i}.png`;
        painted.push({ path, data: btoa(String.fromCharCode(...bytes)) });
      }
    }
    return painted;
  }, options);
  return files.map(({ path, data }) => ({ path, data: Buffer.from(data, 'base64') }));
}
