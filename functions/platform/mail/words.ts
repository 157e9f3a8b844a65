import type { ActTexts, NoticeWords } from '../acts.ts';
import { directionOf, FORMATS, type Language, languageOf, timesOf } from '../catalogue.ts';
import actsEn from '../words/en/acts.json' with { type: 'json' };
import effectEn from '../words/en/effect.json' with { type: 'json' };
import mailEn from '../words/en/mail.json' with { type: 'json' };
import publicEn from '../words/en/public.json' with { type: 'json' };
import tasksEn from '../words/en/tasks.json' with { type: 'json' };
import actsEs from '../words/es/acts.json' with { type: 'json' };
import effectEs from '../words/es/effect.json' with { type: 'json' };
import mailEs from '../words/es/mail.json' with { type: 'json' };
import publicEs from '../words/es/public.json' with { type: 'json' };
import tasksEs from '../words/es/tasks.json' with { type: 'json' };

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
  words: typeof mailEn,
  acts: ActTexts,
  effect: typeof effectEn,
  notice: NoticeWords,
  tasks: typeof tasksEn,
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
  en: catalogue('en', mailEn, actsEn, effectEn, publicEn, tasksEn),
  es: catalogue('es', mailEs, actsEs, effectEs, publicEs, tasksEs),
};

/** `es-419` as `es`; English for a language without texts. */
export const wordsFor = (language: string): MailWords => CATALOGUES[languageOf(language) ?? 'en'];

/** With the time zone's name, which a page has in its footer. */
export const mailTimes = ({ locale, effect }: MailWords, zone: string) =>
  timesOf(locale, zone, effect, { timeZoneName: 'short' });
