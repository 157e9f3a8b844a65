import type { Context } from 'hono';
import type { Locale } from '../../locale.ts';
import { languageOfHolder } from '../../names.ts';
import { localeFor } from '../../page.ts';
import type { Situation } from './situation.ts';

/** How the person behind a link is spoken to. */
export const localeOfSituation = (context: Context, { zone, now, roster, link }: Situation): Locale =>
  localeFor(context, zone, now, languageOfHolder(roster, link.holder));
