import { directionOf, languageOf, timesOf, WORDS, type Words } from '../catalogue.ts';

/** Why a requirement cannot be met under the present roster. */
export type AlarmCode = 'no-official' | 'no-body' | 'no-seat' | 'vacant' | 'no-clerk' | 'too-few' | 'one-person' | 'two-persons';

export type PasskeyNews = 'added' | 'removed' | 'reset';

/** `title` is the vendor's text: within a sentence it stands in quotation marks. */
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

/** `es-419` as `es`; English for a language without texts. */
export const wordsFor = (language: string): MailWords => catalogue(WORDS[languageOf(language) ?? 'en']);

/** With the time zone's name, which a page has in its footer. */
export const mailTimes = ({ locale, effect }: MailWords, zone: string) =>
  timesOf(locale, zone, effect, { timeZoneName: 'short' });
