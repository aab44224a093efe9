/**
 * The language of the page: `?lang=` first, else what was chosen before, else the browser's.
 * Components read `i18n.t.<step>.<key>` and `i18n.format`, and follow a switch by themselves.
 */
import {
  dictionaries,
  errorSentence,
  languageNames,
  languageTags,
  matchLanguage,
  type Dictionary,
  type LanguageName,
} from './dictionaries.ts';
import type { AppError, ErrorData } from '../protocol/errors.ts';
import type { Format } from '../util/format.ts';
import { formats } from './format.ts';

class I18n {
  #language = $state.raw<LanguageName>('en');

  get language(): LanguageName {
    return this.#language;
  }
  get t(): Dictionary {
    return dictionaries[this.#language];
  }
  get format(): Format {
    return formats[this.#language];
  }
  error(error: ErrorData | AppError): string {
    return errorSentence(this.t, error);
  }

  /** Called once, before the page is drawn, with the language that was chosen last time. */
  start(saved: string | null): void {
    const asked = new URLSearchParams(location.search).get('lang');
    const candidates = [asked, saved, ...navigator.languages];
    this.#show(candidates.map((tag) => matchLanguage(tag ?? '')).find((name) => name) ?? 'en');
  }

  choose(language: LanguageName): void {
    const url = new URL(location.href);
    if (url.searchParams.has('lang')) {
      url.searchParams.set('lang', language);
      history.replaceState(history.state, '', url);
    }
    this.#show(language);
  }

  #show(language: LanguageName): void {
    this.#language = language;
    document.documentElement.lang = languageTags[language];
    document.title = dictionaries[language].common.documentTitle;
  }
}

export const i18n = new I18n();
export { languageNames, type LanguageName };
