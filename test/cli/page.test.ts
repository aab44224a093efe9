import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type Browser } from '../../src/cli/browser.ts';
import { fill, press, waitFor, type Visitor } from '../../src/cli/page.ts';
import { createProgressLines } from '../../src/cli/progress-lines.ts';
import { dictionaries } from '../../src/i18n/dictionaries.ts';

let browser: Browser;
let page: Page;
let visitor: Visitor;
const printed: string[] = [];

beforeAll(async () => {
  browser = await openBrowser();
  page = browser.context.pages()[0] ?? (await browser.context.newPage());
  visitor = { page, t: dictionaries.en, print: (line) => printed.push(line) };
});
afterAll(() => browser.close());

const button = (name: string) => page.getByRole('button', { name, exact: true });

describe('press', () => {
  it('clicks', async () => {
    await page.setContent(`<button onclick="document.title = 'pressed'">Go</button>`);
    await press(visitor, button('Go'));
    expect(await page.title()).toBe('pressed');
  });

  it('throws the reason that stands beside a button that is blocked', async () => {
    await page.setContent(
      `<button aria-disabled="true" aria-describedby="why">Go</button><i id="why">Load photos first.</i>`,
    );
    await expect(press(visitor, button('Go'))).rejects.toThrow('Load photos first.');
  });

  it('waits while the reason is one that passes', async () => {
    await page.setContent(
      `<button id="go" aria-disabled="true" aria-describedby="why" onclick="document.title = 'at last'">Go</button>
       <i id="why">Looking.</i>
       <script>setTimeout(() => go.removeAttribute('aria-disabled'), 400)</script>`,
    );
    await press(visitor, button('Go'), ['Looking.']);
    expect(await page.title()).toBe('at last');
  });
});

describe('waitFor', () => {
  it('throws the sentence of an alert that comes instead', async () => {
    await page.setContent(
      `<script>setTimeout(() => {
         document.body.innerHTML = '<div role="alert"><p>“a.zip” is not a zip file.</p><button>Close</button></div>';
       }, 300)</script>`,
    );
    await expect(waitFor(visitor, button('Go'))).rejects.toThrow(/^“a\.zip” is not a zip file\.$/);
  });

  it('takes no notice of an alert that cannot be seen', async () => {
    await page.setContent(`<div role="alert" hidden><p>old</p></div><button>Go</button>`);
    await waitFor(visitor, button('Go'));
  });
});

describe('fill', () => {
  const field = (invalid: boolean) =>
    `<label for="n">Epochs</label>
     <input id="n" type="number" aria-describedby="h e" aria-invalid="${invalid}">
     <p id="h">How often every photo is seen.</p><p id="e">Enter a whole number from 1 to 1,000.</p>`;

  it('types into the field of that name', async () => {
    await page.setContent(field(false));
    await fill(visitor, 'Epochs', '3');
    expect(await page.getByLabel('Epochs').inputValue()).toBe('3');
  });

  it('throws what the page says is wrong', async () => {
    await page.setContent(field(true));
    await expect(fill(visitor, 'Epochs', '0')).rejects.toThrow(
      /^Epochs: Enter a whole number from 1 to 1,000\.$/,
    );
  });
});

describe('createProgressLines', () => {
  it('prints a stage once, whatever its numbers, and the next one at once', async () => {
    printed.length = 0;
    const progress = createProgressLines(visitor.print);
    const show = async (words: string) => {
      await page.setContent(`<div role="progressbar" aria-valuetext="${words}"></div>`);
      await progress.follow(page);
    };
    await show('Preparing photos 1 of 900');
    await show('Preparing photos 40 of 900, 12 photos/s');
    await show('Epoch 1 of 20, step 1 of 7');
    await show('Epoch 2 of 20, step 3 of 7');
    expect(printed).toEqual(['Preparing photos 1 of 900', 'Epoch 1 of 20, step 1 of 7']);
  });

  it('reads a bar that has no words of its own by its name and per cent', async () => {
    printed.length = 0;
    await page.setContent(
      '<span id="n">Reading photos</span><div role="progressbar" aria-labelledby="n" aria-valuenow="40"></div>',
    );
    await createProgressLines(visitor.print).follow(page);
    expect(printed).toEqual(['Reading photos · 40 %']);
  });
});
