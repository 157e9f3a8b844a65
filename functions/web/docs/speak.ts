import type { Context } from 'hono';
import type { Locale } from '../site/locale.ts';
import { localeFor } from '../site/page.ts';
import { type DocsWords, en } from './words/en.ts';
import { es } from './words/es.ts';

const WORDS: Readonly<Record<Locale['language'], DocsWords>> = { en, es };

/** The reader's locale, with the words of these pages in its language. */
export interface Speech {
  readonly locale: Locale;
  readonly words: DocsWords;
}

export const speechFor = (context: Context, zone: string, now: string): Speech => {
  const locale = localeFor(context, zone, now);
  return { locale, words: WORDS[locale.language] ?? en };
};
