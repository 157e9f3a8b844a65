import type { Language } from '../../platform/languages.ts';
import developersEn from '../../platform/words/en/developers.json' with { type: 'json' };
import developersEs from '../../platform/words/es/developers.json' with { type: 'json' };

/** The texts of the developers' pages in one language. Names of fields, routes and programs are the same in every language. */
export type DocsWords = typeof developersEn;

/** The texts of the developers' pages by language. */
export const DOCS_WORDS: Readonly<Record<Language, DocsWords>> = { en: developersEn, es: developersEs };
