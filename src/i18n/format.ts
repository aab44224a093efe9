/** The two languages' formats, made once: dictionaries and components share them. */
import { createFormat } from '../util/format.ts';

export const formats = { en: createFormat('en-GB'), zh: createFormat('zh-CN') };
