import { directionOf, timesOf, WORDS, type Words } from '../catalogue.ts';
import { languageOf } from '../words/tags.ts';

/** Why a requirement cannot be met under the present roster. */
export type AlarmCode = 'no-official' | 'no-body' | 'no-seat' | 'vacant' | 'no-clerk' | 'too-few' | 'one-person' | 'two-persons';

export type PasskeyNews = 'added' | 'removed' | 'reset';

/** `title`: the vendor's text, quoted within sentences. */
export interface ChangeName {
  readonly title: string;
  readonly change: string;
}

const catalogue = ({ mail, acts, effect, public: notice, tasks }: Words) => ({
  ...mail,
  acts,
  effect,
  notice,
  tasks,
  locale: notice.format,
  direction: directionOf(notice.format),
});

export type MailWords = ReturnType<typeof catalogue>;

/** Returns the texts of a language: `es-419` gets `es`, a language without texts gets English. */
export const wordsFor = (language: string): MailWords => catalogue(WORDS[languageOf(language) ?? 'en']);

/** Returns date formats with the time zone's name, which pages show in their footer. */
export const mailTimes = ({ locale, effect }: MailWords, zone: string) =>
  timesOf(locale, zone, effect, { timeZoneName: 'short' });
