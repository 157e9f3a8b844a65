import { parseDuration } from '../../../domain/kernel/duration.ts';
import { type Name, nameIn } from '../../../domain/roster/schema.ts';
import {
  type BodyNames,
  bodyNames,
  dateFormat,
  directionOf,
  type Forms,
  formFor,
  type Language,
  languageOf,
  listFormat,
  numberFormat,
  type Slots,
  timesOf,
} from '../../platform/catalogue.ts';
import { fill, type Html } from './html.ts';
import { CATALOGUES, type Catalogue } from './words.ts';

/** Returns the language a browser prefers (`Accept-Language`, RFC 9110) among those of the site. */
export const preferredLanguage = (header: string | undefined): Language | undefined =>
  (header ?? '')
    .slice(0, 1000)
    .split(',')
    .map((part) => {
      const [tag, ...parameters] = part.split(';');
      const weight = parameters.map((parameter) => /^\s*q=([01](?:\.\d{1,3})?)\s*$/.exec(parameter)?.[1]).find(Boolean);
      return { language: languageOf(tag), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ language, weight }) => language !== undefined && weight > 0)
    .sort((a, b) => b.weight - a.weight)[0]?.language;

/** A language used in tests only: its tag and its texts. Tests hand it to the `fetch` of an app, as `trial` of the environment. */
export interface Trial {
  readonly language: string;
  readonly words: Catalogue;
}

const UNITS = ['years', 'months', 'weeks', 'days', 'hours', 'minutes'] as const;
const DAY_MS = 86_400_000;

/**
 * Returns the locale of a reader: the catalogue of their language, and formatters for dates in the city's time zone and for
 * numbers. `now`: the instant for which the page is made.
 */
export const localeOf = (chosen: Language | Trial, zone: string, now: string) => {
  const { language, words }: Trial = typeof chosen === 'string' ? { language: chosen, words: CATALOGUES[chosen] } : chosen;
  const shortDates = dateFormat(language, { timeZone: zone, dateStyle: 'medium' });
  const zoneNames = dateFormat(language, { timeZone: zone, timeZoneName: 'longGeneric' });
  const numbers = numberFormat(language);
  const lists = listFormat(language);
  return {
    language,
    direction: directionOf(language),
    zone,
    now,
    words,
    ...timesOf(language, zone, words.effect),
    /** A date with a short month, for where two must fit side by side on a narrow screen. */
    shortDate: (instant: string): string => shortDates.format(new Date(instant)),
    // UTC has no generic name: "GMT+00:00" would stand for it.
    zoneName:
      (zone !== 'UTC' && zoneNames.formatToParts(new Date(now)).find(({ type }) => type === 'timeZoneName')?.value) || zone,
    number: (n: number): string => numbers.format(n),
    list: (items: readonly string[]): string => lists.format(items),
    /** The name of a body or a seat as it is. */
    named: (name: Name): string => nameIn(name, language),
    bodySlots: (name: Name): BodyNames => bodyNames(language, name),
    bodyList: (names: readonly Name[]): string => lists.format(names.map((name) => bodyNames(language, name).body)),
    /** An ISO 8601 duration in words: `P30D` is "30 days". */
    duration: (iso: string): string => {
      const parts = parseDuration(iso);
      if (parts === undefined) return iso;
      const units = UNITS.filter((unit) => parts[unit] > 0);
      const name = (unit: (typeof UNITS)[number]): string =>
        numberFormat(language, { style: 'unit', unit: unit.slice(0, -1), unitDisplay: 'long' }).format(parts[unit]);
      return units.length === 0
        ? numberFormat(language, { style: 'unit', unit: 'day', unitDisplay: 'long' }).format(0)
        : lists.format(units.map(name));
    },
    /** Whole days from an instant until now. */
    daysSince: (instant: string): number => Math.max(0, Math.floor((Date.parse(now) - Date.parse(instant)) / DAY_MS)),
    say: (text: string, slots?: Slots<Html | string | number>): Html => fill(text, slots),
    count: <Key extends string>(
      forms: Forms<NoInfer<Key>>,
      key: Key,
      n: number,
      slots: Slots<Html | string | number> = {},
    ): Html => fill(formFor(language, forms, key, n), { count: numbers.format(n), ...slots }),
  };
};

export type Locale = ReturnType<typeof localeOf>;
