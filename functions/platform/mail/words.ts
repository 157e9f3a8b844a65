import type { ActTexts, NoticeWords } from '../acts.ts';
import { directionOf, FORMATS, type Language, languageOf, timesOf } from '../catalogue.ts';
import * as en from '../words/en.ts';
import * as es from '../words/es.ts';

/** Why a requirement cannot be met under the present roster. */
export type AlarmCode = 'no-official' | 'no-body' | 'no-seat' | 'vacant' | 'no-clerk' | 'too-few' | 'one-person' | 'two-persons';

export type PasskeyNews = 'added' | 'removed' | 'reset';

/** `title` is the vendor's text: within a sentence it stands in quotation marks. */
export interface ChangeName {
  readonly title: string;
  readonly change: string;
}

const catalogue = (
  language: Language,
  words: typeof en.mail,
  acts: ActTexts,
  effect: typeof en.effect,
  notice: NoticeWords,
  tasks: typeof en.tasks,
) => ({
  ...words,
  acts,
  effect,
  notice,
  tasks,
  locale: FORMATS[language],
  direction: directionOf(language),
});

export type MailWords = ReturnType<typeof catalogue>;

const CATALOGUES: Readonly<Record<Language, MailWords>> = {
  en: catalogue('en', en.mail, en.acts, en.effect, en.public, en.tasks),
  es: catalogue('es', es.mail, es.acts, es.effect, es.public, es.tasks),
};

/** `es-419` as `es`; English for a language without texts. */
export const wordsFor = (language: string): MailWords => CATALOGUES[languageOf(language) ?? 'en'];

/** With the time zone's name, which a page has in its footer. */
export const mailTimes = ({ locale, effect }: MailWords, zone: string) =>
  timesOf(locale, zone, effect, { timeZoneName: 'short' });
