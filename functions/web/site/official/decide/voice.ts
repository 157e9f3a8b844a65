import type { Context } from 'hono';
import { languageOfHolder } from '../../names.ts';
import { voiceFor } from '../../page.ts';
import type { Voice } from '../../voice.ts';
import type { Situation } from './situation.ts';

/** How the person behind a link is spoken to. */
export const voiceOfSituation = (context: Context, { zone, now, roster, link }: Situation): Voice =>
  voiceFor(context, zone, now, languageOfHolder(roster, link.holder));
