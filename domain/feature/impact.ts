import { IMPACTS } from '../policy/schema.ts';
import type { Impacts } from './notice.ts';

const LETTER = { changed: 'c', unchanged: 'u', unknown: '?' } as const;
const VALUE = { c: 'changed', u: 'unchanged', '?': 'unknown' } as const;

/** Encodes the nine impacts as nine letters, in the order of {@link IMPACTS}, to keep the state small. */
export const packImpact = (impact: Impacts): string => IMPACTS.map((name) => LETTER[impact[name]]).join('');

/** Decodes nine letters to impacts; anything else reads as unknown. */
export const unpackImpact = (packed: string): Impacts =>
  Object.fromEntries(IMPACTS.map((name, index) => [name, VALUE[packed[index] as keyof typeof VALUE] ?? 'unknown'])) as Impacts;
