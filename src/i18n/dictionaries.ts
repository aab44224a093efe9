/**
 * The typed dictionary. English defines the shape; Chinese must satisfy it, so that a missing key
 * or a parameter of another type does not compile. A message is a string, or a function of its
 * parameters that returns one. Plain modules: the command line reads them too.
 */
import type { AppError, ErrorData } from '../protocol/errors.ts';
import { en } from './en/index.ts';
import { zh } from './zh/index.ts';

export const languageNames = ['en', 'zh'] as const;
export type LanguageName = (typeof languageNames)[number];
export type Dictionary = Words<typeof en>;

/** The shape of the words: what a message takes, not what the English one happens to say. */
type Words<T> = T extends (...params: infer P) => string
  ? (...params: P) => string
  : T extends string
    ? string
    : { [K in keyof T]: Words<T[K]> };

export const dictionaries: Record<LanguageName, Dictionary> = { en, zh };

/** As `<html lang>` says it. */
export const languageTags: Record<LanguageName, string> = { en: 'en', zh: 'zh-CN' };

/** The sentence for a failure: what was expected, what was found, what to do. */
export function errorSentence(dictionary: Dictionary, error: ErrorData | AppError): string {
  // each code's sentence takes that code's parameters, which TypeScript cannot follow by index
  const sentence = dictionary.errors.sentences[error.code] as (params: unknown) => string;
  return sentence(error.params);
}

/** 'zh-Hans-CN' → 'zh'; null for a language that we do not speak. */
export function matchLanguage(tag: string): LanguageName | null {
  const primary = tag.toLowerCase().split(/[-_]/)[0];
  return languageNames.find((name) => name === primary) ?? null;
}
