/**
 * What belongs to the page as a whole: which step is open (in the address, so that a reload and the
 * back button keep it), how it looks, and a failure that nobody else has shown.
 */
import { i18n, type LanguageName } from '../i18n/index.svelte.ts';
import { toErrorData, type ErrorData } from '../protocol/errors.ts';
import { recall, remember } from './remember.ts';
import { stepNames, type StepName } from './step.ts';

export const themes = ['light', 'dark', 'auto'] as const;
export type Theme = (typeof themes)[number];

const stepInAddress = (): StepName =>
  stepNames.find((name) => location.hash === `#${name}`) ?? 'data';

/** What no drop zone took: left alone, the browser would leave the page to show the file. */
function refuseFiles(event: DragEvent): void {
  if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = 'none';
}

export class AppSession {
  #step = $state<StepName>('data');
  #theme = $state<Theme>('auto');
  problem = $state.raw<ErrorData | null>(null);

  constructor() {
    this.#step = stepInAddress();
    this.#show(themes.find((theme) => theme === recall('theme')) ?? 'auto');
  }

  get step(): StepName {
    return this.#step;
  }
  get theme(): Theme {
    return this.#theme;
  }

  go(step: StepName): void {
    if (stepInAddress() !== step || location.hash === '') location.hash = step;
    this.#step = step;
  }

  chooseTheme(theme: Theme): void {
    remember('theme', theme);
    this.#show(theme);
  }

  chooseLanguage(language: LanguageName): void {
    remember('language', language);
    i18n.choose(language);
  }

  report(error: unknown): void {
    this.problem = toErrorData(error);
  }
  dismissProblem(): void {
    this.problem = null;
  }

  /**
   * Follows the address, keeps a file dropped astray from opening over the page, and catches what
   * would otherwise end in the console.
   */
  start(): void {
    addEventListener('hashchange', () => {
      this.#step = stepInAddress();
      scrollTo({ top: 0 });
    });
    addEventListener('dragover', refuseFiles);
    addEventListener('drop', refuseFiles);
    addEventListener('unhandledrejection', (event) => this.report(event.reason));
    addEventListener('error', (event) => {
      if (event.error instanceof Error) this.report(event.error);
    });
  }

  #show(theme: Theme): void {
    this.#theme = theme;
    document.documentElement.dataset['theme'] = theme;
  }
}
