/**
 * What a person sees and does on any screen of the page, by role and accessible name. The page's
 * own errors (role "alert") become ours, whatever is being waited for.
 */
import type { Locator, Page } from 'playwright';
import type { Dictionary } from '../i18n/dictionaries.ts';
import { CliError } from './errors.ts';

export interface Visitor {
  page: Page;
  t: Dictionary;
  print(line: string): void;
}

const pollMs = 250;

/** Throws the page's own sentence when it shows an error. */
export async function throwIfAlert({ page }: Visitor): Promise<void> {
  const alert = page.getByRole('alert').filter({ visible: true }).first();
  if ((await alert.count()) === 0) return;
  const sentence = alert.locator('p').first();
  const words = (await sentence.count()) > 0 ? sentence : alert;
  throw new CliError((await words.innerText()).trim());
}

/** Until `target` can be seen; `meanwhile` is called a few times a second. */
export async function waitFor(
  visitor: Visitor,
  target: Locator,
  meanwhile?: () => Promise<void>,
): Promise<void> {
  for (;;) {
    await throwIfAlert(visitor);
    await meanwhile?.();
    if (await target.filter({ visible: true }).count()) return;
    await visitor.page.waitForTimeout(pollMs);
  }
}

/** A button that cannot be used says why beside itself; `waits` are reasons that pass. */
export async function press(
  visitor: Visitor,
  button: Locator,
  waits: readonly string[] = [],
): Promise<void> {
  await waitFor(visitor, button);
  for (;;) {
    await throwIfAlert(visitor);
    if ((await button.getAttribute('aria-disabled')) !== 'true') break;
    const reason = await descriptionOf(visitor.page, button);
    if (!waits.includes(reason)) throw new CliError(reason);
    await visitor.page.waitForTimeout(pollMs);
  }
  await button.click();
}

/** The last of what describes a control: after the help comes what is wrong. */
async function descriptionOf(page: Page, control: Locator): Promise<string> {
  const id = (await control.getAttribute('aria-describedby'))?.split(' ').at(-1) ?? '';
  return (await page.locator(`[id="${id}"]`).innerText()).trim();
}

/** Fills a field by its label, and throws what the page finds wrong with it. */
export async function fill(visitor: Visitor, label: string, value: string): Promise<void> {
  const field = visitor.page.getByRole('spinbutton', { name: label, exact: true });
  await field.fill(value);
  if ((await field.getAttribute('aria-invalid')) === 'true') {
    throw new CliError(`${label}: ${await descriptionOf(visitor.page, field)}`);
  }
}
