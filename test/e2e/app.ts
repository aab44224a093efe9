/** What a person does with the app, step by step, by role and the names that the page shows. */
import { readFileSync } from 'node:fs';
import { expect, type Page } from '@playwright/test';
import { unzipSync } from 'fflate';
import { dictionaries, type LanguageName } from '../../src/i18n/dictionaries.ts';
import type { DevicePreference } from '../../src/protocol/device.ts';
import type { Report } from '../../src/protocol/report.ts';
import type { RunConfig, Strategy } from '../../src/protocol/run.ts';

export type Settings = Partial<Omit<RunConfig, 'datasetId' | 'strategy' | 'backbone'>>;

export interface PickedFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

export class App {
  readonly page: Page;
  readonly t;
  readonly problems: string[] = [];

  constructor(page: Page, language: LanguageName = 'en') {
    this.page = page;
    this.t = dictionaries[language];
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text());
    });
  }

  async open(device: DevicePreference, lang: LanguageName = 'en'): Promise<void> {
    await this.page.goto(`/?lang=${lang}&device=${device}`);
    await expect(this.page.getByRole('heading', { name: this.t.data.title })).toBeVisible();
  }

  async go(step: 'data' | 'model' | 'train' | 'evaluate' | 'use'): Promise<void> {
    const name = new RegExp(this.t.common[step]);
    await this.page
      .getByRole('navigation', { name: this.t.common.steps })
      .getByRole('link', { name })
      .click();
  }

  async pickZip(file: PickedFile | string): Promise<void> {
    await this.page.getByLabel(this.t.data.pickZip).setInputFiles(file);
  }

  async importZip(file: PickedFile | string): Promise<void> {
    await this.pickZip(file);
    await expect(this.table(this.t.data.tableCaption)).toBeVisible({ timeout: 60_000 });
  }

  table(name: string) {
    return this.page.getByRole('table', { name });
  }

  async train(strategy: Strategy, settings: Settings): Promise<void> {
    const { model } = this.t;
    await this.go('model');
    await this.page.getByRole('radio', { name: model.strategies[strategy].title }).check();
    await this.page.getByText(model.advanced).click();
    for (const [name, value] of Object.entries(settings)) {
      if (name === 'augment') {
        const field = this.page.getByRole('combobox', { name: model.augment.label });
        await field.selectOption(String(value));
      } else {
        const { label } = model.settings[name as keyof typeof model.settings];
        await this.page.getByRole('spinbutton', { name: label }).fill(String(value));
      }
    }
    await this.page.getByRole('button', { name: model.start }).click();
  }

  async trained(timeout: number): Promise<void> {
    const done = this.page.getByRole('button', { name: this.t.train.toEvaluate });
    const failed = this.page.getByRole('alert').first();
    await expect(done.or(failed).first()).toBeVisible({ timeout });
    if (await failed.isVisible()) throw new Error(await failed.innerText());
  }

  async downloadWeights(): Promise<Record<string, Uint8Array>> {
    return unzipSync(readFileSync(await this.#download(this.t.use.download.weights)));
  }

  async downloadReport(): Promise<Report> {
    const file = await this.#download(this.t.use.download.report);
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  }

  async #download(name: string): Promise<string> {
    const download = this.page.waitForEvent('download');
    await this.page.getByRole('button', { name }).click();
    return (await download).path();
  }
}

export function zipNamed(name: string, bytes: Uint8Array): PickedFile {
  return { name, mimeType: 'application/zip', buffer: Buffer.from(bytes) };
}
