/** The page's progress bar as lines: each new stage at once, the same stage every few seconds. */
import type { Page } from 'playwright';

const quietMs = 10_000;

export interface ProgressLines {
  follow(page: Page): Promise<void>;
}

export function createProgressLines(print: (line: string) => void): ProgressLines {
  let lastStage = '';
  let lastTime = -Infinity;
  return {
    async follow(page) {
      const text = await readBar(page);
      const stage = /^\D*/.exec(text)?.[0] ?? ''; // its words up to the first number
      const now = performance.now();
      if (text === '' || (stage === lastStage && now - lastTime < quietMs)) return;
      lastStage = stage;
      lastTime = now;
      print(text);
    },
  };
}

/** What a screen reader would read: the bar's value in words, else its name and per cent. */
async function readBar(page: Page): Promise<string> {
  return page.evaluate(() => {
    const bar = document.querySelector('[role="progressbar"]');
    if (!bar) return '';
    const words = bar.getAttribute('aria-valuetext');
    if (words) return words;
    const label = document.getElementById(bar.getAttribute('aria-labelledby') ?? '');
    const value = bar.getAttribute('aria-valuenow');
    return [label?.textContent?.trim(), value && `${value} %`].filter(Boolean).join(' · ');
  });
}
