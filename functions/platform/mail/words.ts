import { timesOf } from '../times.ts';
import { type MailWords, mailEn } from './words.en.ts';
import { mailEs } from './words.es.ts';

const CATALOGUE: Readonly<Record<string, MailWords>> = { en: mailEn, es: mailEs };

/** Returns the texts for a language tag, `es-419` as `es`; English for a language without texts. */
export const wordsFor = (language: string): MailWords => CATALOGUE[language.split('-', 1)[0]?.toLowerCase() ?? ''] ?? mailEn;

/**
 * Returns how a mail writes dates and moments. Each moment has the name of its time zone, which a page has in its footer.
 */
export const mailTimes = ({ locale, effect }: MailWords, zone: string) =>
  timesOf(locale, zone, effect, { timeZoneName: 'short' });
