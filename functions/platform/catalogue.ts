import { endOfLocalDay, lastDayOf, localDateOf, startOfLocalDay } from '../../domain/kernel/zone.ts';
import { type Name, nameIn } from '../../domain/roster/schema.ts';
import * as languages from './words/languages.ts';
import type { Language } from './words/tags.ts';

/**
 * The texts of a language, by area. `public.format` is the tag for dates and numbers: Spanish uses 24 hours, since a sentence cannot end in
 * “p.m.” and a full stop.
 */
export type Words = typeof languages.en;

export const WORDS: Readonly<Record<Language, Words>> = languages;

const RIGHT_TO_LEFT = ['Adlm', 'Arab', 'Hebr', 'Nkoo', 'Rohg', 'Syrc', 'Thaa'];

/** Returns the direction of a language's most likely script. */
export const directionOf = (tag: string): 'ltr' | 'rtl' =>
  RIGHT_TO_LEFT.includes(new Intl.Locale(tag).maximize().script ?? 'Latn') ? 'rtl' : 'ltr';

/** Caches formatters: making one takes far longer than using it, and some hundred kilobytes outside the heap. */
const madeOnce = <Options, Formatter>(make: (locale: string, options?: Options) => Formatter) => {
  const known = new Map<string, Formatter>();
  return (locale: string, options?: Options): Formatter => {
    const name = JSON.stringify([locale, options]);
    const found = known.get(name) ?? make(locale, options);
    known.set(name, found);
    return found;
  };
};

/** The options must name the time zone. */
export const dateFormat = madeOnce(
  (locale, options?: Intl.DateTimeFormatOptions & { readonly timeZone: string }) => new Intl.DateTimeFormat(locale, options),
);

export const numberFormat = madeOnce((locale, options?: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options));

export const listFormat = madeOnce((locale) => new Intl.ListFormat(locale, { type: 'conjunction' }));

const pluralRules = madeOnce((locale) => new Intl.PluralRules(locale));

export type Slots<Value = string | number> = Readonly<Record<string, Value>>;

/** Plural forms with i18next's keys: `days_one`, `days_other`. */
export type Forms<Key extends string> = Readonly<Record<`${Key}_one` | `${Key}_other`, string>>;

/** Quotation marks in text, and in markup, which uses `"` for attributes. */
const QUOTES = { text: /["“”„‟«»″＂]/g, markup: /&quot;|[“”„‟«»″＂]/g } as const;

export const inSingleQuotes = (text: string, kind: keyof typeof QUOTES = 'text'): string =>
  text.replaceAll(QUOTES[kind], kind === 'text' ? "'" : '&#39;');

/**
 * Replaces the slots of a text, `{{title}}`, by their values, which are not searched for slots. Throws for a slot without a value. A quoted
 * value cannot end its quotation: its own quotation marks become single.
 */
export const filled = <Value>(
  text: string,
  slots: Slots<Value>,
  quoted: (value: Value) => Value = (value) => value,
): readonly (string | Value)[] =>
  text.split(/\{\{([a-z]+)\}\}/i).map((piece, index, pieces) => {
    if (index % 2 === 0) return piece;
    const value = slots[piece];
    if (value === undefined) throw new Error(`broken invariant: no {{${piece}}} for a text of the catalogue`);
    const isQuoted = /[“«]$/.test(pieces[index - 1] ?? '') && /^[”»]/.test(pieces[index + 1] ?? '');
    if (!isQuoted) return value;
    return typeof value === 'string' ? inSingleQuotes(value) : quoted(value);
  });

export const fillText = (text: string, slots: Slots = {}): string => filled(text, slots).join('');

/** Returns the plural form of a text by the language's rules (CLDR). */
export const formFor = <Key extends string>(locale: string, words: Forms<NoInfer<Key>>, key: Key, n: number): string => {
  const forms: Readonly<Record<string, string | undefined>> = words;
  return forms[`${key}_${pluralRules(locale).select(n)}`] ?? words[`${key}_other`];
};

/** Fills a plural text, with `{{count}}` as the language writes numbers. */
export const fillCount = <Key extends string>(
  locale: string,
  words: Forms<NoInfer<Key>>,
  key: Key,
  n: number,
  slots: Slots = {},
): string => fillText(formFor(locale, words, key, n), { count: numberFormat(locale).format(n), ...slots });

export const capitalized = (text: string): string => text.replace(/^\p{Ll}/u, (first) => first.toUpperCase());

/** Returns a name for use in a sentence: a single word such as "Mayor" in lower case, several words as the city writes them. */
const within = (name: string): string => (/^\p{Lu}\p{Ll}+$/u.test(name) ? name.toLowerCase() : name);

const english = (name: string): string => (/^(?:the|an?)\s/i.test(name) ? name.replace(/^The\s/, 'the ') : `the ${within(name)}`);

/** Adds the Spanish article. The first word's ending determines the gender, since a roster does not state it. */
const spanish = (name: string): string => {
  if (/^(?:el|la|los|las)\s/i.test(name)) return name.replace(/^\p{Lu}/u, (first) => first.toLowerCase());
  const [first = ''] = name.split(' ', 1);
  return `${/(?:a|ía|ión|dad|tad)$/iu.test(first) ? 'la' : 'el'} ${within(name)}`;
};

/** `body` with its article, `ofBody` after "of", `Body` at the start of a sentence. */
export interface BodyNames extends Slots {
  readonly body: string;
  readonly ofBody: string;
  readonly Body: string;
}

/** Returns a body's name with the articles of `en` or `es`; in another language as it is. */
export const bodyNames = (locale: string, called: Name): BodyNames => {
  const [language = ''] = locale.split('-', 1);
  const name = nameIn(called, locale);
  if (language !== 'en' && language !== 'es') return { body: name, ofBody: name, Body: name };
  const body = language === 'en' ? english(name) : spanish(name);
  const ofBody = language === 'en' ? `of ${body}` : `de ${body}`.replace(/^de el /, 'del ');
  return { body, ofBody, Body: capitalized(body) };
};

/** Texts for an end: the last `{day}`, or the moment `{when}`; a day with its `{weekday}`. */
interface EndTexts {
  readonly onDay: string;
  readonly endOf: string;
  readonly atTime: string;
}

const HALF_DAY_MS = 12 * 3_600_000;

/**
 * Writes dates and moments in a language and the city's time zone. Ends are exclusive: what ends at midnight is written as the day before.
 */
export const timesOf = (
  locale: string,
  timeZone: string,
  ends: EndTexts,
  { timeZoneName }: Pick<Intl.DateTimeFormatOptions, 'timeZoneName'> = {},
) => {
  const localDates = dateFormat(locale, { timeZone: 'UTC', dateStyle: 'long' });
  const dates = dateFormat(locale, { timeZone, dateStyle: 'long' });
  const weekdays = dateFormat(locale, { timeZone, weekday: 'long' });
  const moments = dateFormat(locale, {
    timeZone,
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    ...(timeZoneName !== undefined && { timeZoneName }),
  });
  const isMidnight = (instant: string): boolean => startOfLocalDay(localDateOf(instant, timeZone), timeZone) === instant;
  const lastMoment = (instant: string): Date => new Date(Date.parse(instant) - 1);
  // By the length of the day: the last instant of the year 9999 has none after it.
  const endsDay = (instant: string): boolean =>
    isMidnight(instant) || Date.parse(endOfLocalDay(localDateOf(instant, timeZone), timeZone)) - Date.parse(instant) <= 1;
  const date = (instant: string): string => dates.format(new Date(instant));
  const dateTime = (instant: string): string => moments.format(new Date(instant));
  const lastDay = (instant: string): string => dates.format(lastMoment(instant));
  const onDay = (at: Date, day: string): string => fillText(ends.onDay, { weekday: weekdays.format(at), day });
  const moment = (instant: string): string => onDay(new Date(instant), dateTime(instant));
  const ending = (instant: string): string => (endsDay(instant) ? onDay(lastMoment(instant), lastDay(instant)) : moment(instant));
  const until = (instant: string): string =>
    endsDay(instant) ? fillText(ends.endOf, { day: lastDay(instant) }) : fillText(ends.atTime, { when: dateTime(instant) });
  const deadline = (instant: string): string =>
    endsDay(instant) ? fillText(ends.endOf, { day: ending(instant) }) : fillText(ends.atTime, { when: ending(instant) });
  return {
    /** A local date, `2026-03-17`. */
    day: (localDate: string): string => localDates.format(new Date(`${localDate}T00:00:00Z`)),
    date,
    dateTime,
    /** With the day of the week. */
    moment,
    /** The last day on which something that ends at the instant is open. */
    lastDay,
    /** The same without the present year, and with the time if less than half of that day is open: by noon it would be too late. */
    shortLastDay: (instant: string, now: string): string => {
      const day = lastDayOf(instant, timeZone);
      const isShort = Date.parse(instant) - Date.parse(startOfLocalDay(day, timeZone)) < HALF_DAY_MS;
      const format = dateFormat(locale, {
        timeZone,
        month: 'long',
        day: 'numeric',
        ...(day.slice(0, 4) !== localDateOf(now, timeZone).slice(0, 4) && { year: 'numeric' }),
        ...(isShort && { hour: 'numeric', minute: '2-digit' }),
      });
      return format.format(isShort ? new Date(instant) : lastMoment(instant));
    },
    /** Midnight is written as the day that ends there. */
    until,
    /** The same with the day of the week, for what a person must do by then. */
    deadline,
    /** The same for use after “on”: the day alone, or the moment. */
    ending,
  };
};
