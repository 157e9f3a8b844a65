import type { Context } from 'hono';
import { voiceFor } from '../site/page.ts';
import type { Voice } from '../site/voice.ts';
import { type DocsWords, en } from './words/en.ts';
import { es } from './words/es.ts';

const WORDS: Readonly<Record<Voice['language'], DocsWords>> = { en, es };

/** How a reader of these pages is spoken to: as on every page of the site, and in the words of these. */
export interface Speech {
  readonly voice: Voice;
  readonly words: DocsWords;
}

export const speechFor = (context: Context, zone: string, now: string): Speech => {
  const voice = voiceFor(context, zone, now);
  return { voice, words: WORDS[voice.language] ?? en };
};
