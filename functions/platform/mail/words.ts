import type { Words } from './vocabulary.ts';
import { words as en } from './words.en.ts';
import { words as es } from './words.es.ts';

const CATALOGUE: Readonly<Record<string, Words>> = { en, es };

/** The words of a language by its tag, `es-419` as `es`; English where there are no others. */
export const wordsFor = (language: string): Words => CATALOGUE[language.split('-', 1)[0]?.toLowerCase() ?? ''] ?? en;
