import * as z from 'zod';
import { CITY } from '../../../domain/feature/keys.ts';
import { type LocalMoment, parseDuration } from '../../../domain/kernel/zone.ts';
import { bodyOf } from '../../../domain/policy/rules.ts';
import { type DatedRoster, holderOfSeat, isInstant, nameAt } from '../../../domain/roster/holders.ts';
import { type Body, type Name, nameIn, type Roster } from '../../../domain/roster/schema.ts';
import { VendorId } from '../../../domain/vendors/events.ts';
import { vendorName } from '../../gate/vendors.ts';
import {
  type BodyNames,
  bodyNames,
  dateFormat,
  directionOf,
  type Forms,
  fillText,
  formFor,
  listFormat,
  numberFormat,
  type Slots,
  timesOf,
  WORDS,
  type Words,
} from '../../platform/catalogue.ts';
import { LANGUAGES, type Language, languageOf } from '../../platform/words/tags.ts';
import type { SiteDeps } from './deps.ts';
import { empty, fill, type Html, html } from './html.ts';

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

/** A test catalogue. Tests pass it to an app's `fetch` as `trial` of the environment. */
export interface Trial {
  readonly language: string;
  readonly words: Catalogue;
}

const UNITS = ['years', 'months', 'weeks', 'days', 'hours', 'minutes'] as const;
const DAY_MS = 86_400_000;

export const hrefIn = (asked: string | undefined, path: string): string => {
  if (asked === undefined) return path;
  const [address = '', anchor] = path.split('#', 2);
  return `${address}${address.includes('?') ? '&' : '?'}lang=${asked}${anchor === undefined ? '' : `#${anchor}`}`;
};

/** `now`: the instant of the page; `asked`: the language requested in its address. */
export const localeOf = (chosen: Language | Trial, zone: string, now: string, asked?: string) => {
  const { language, words }: Trial = typeof chosen === 'string' ? { language: chosen, words: CATALOGUES[chosen] } : chosen;
  const tag = typeof chosen === 'string' ? words.format : language;
  const times = timesOf(tag, zone, words.effect);
  const zoneNames = dateFormat(tag, { timeZone: zone, timeZoneName: 'longGeneric' });
  const numbers = numberFormat(tag);
  const lists = listFormat(tag);
  return {
    language,
    direction: directionOf(language),
    zone,
    now,
    words,
    ...times,
    href: (path: string): string => hrefIn(asked, path),
    langField: asked === undefined ? empty : html`<input type="hidden" name="lang" value="${asked}">`,
    time: (instant: string, text: string = times.dateTime(instant)): Html => html`<time datetime="${instant}">${text}</time>`,
    // UTC has no generic name: it would be formatted as "GMT+00:00".
    zoneName:
      (zone !== 'UTC' && zoneNames.formatToParts(new Date(now)).find(({ type }) => type === 'timeZoneName')?.value) || zone,
    number: (n: number): string => numbers.format(n),
    list: (items: readonly string[]): string => lists.format(items),
    named: (name: Name): string => nameIn(name, language),
    bodySlots: (name: Name): BodyNames => bodyNames(language, name),
    bodyList: (names: readonly Name[]): string => lists.format(names.map((name) => bodyNames(language, name).body)),
    /** An ISO 8601 duration in words: `P30D` is "30 days". */
    duration: (iso: string): string => {
      const parts = parseDuration(iso);
      if (parts === undefined) return iso;
      const units = UNITS.filter((unit) => parts[unit] > 0);
      const name = (unit: (typeof UNITS)[number]): string =>
        numberFormat(tag, { style: 'unit', unit: unit.slice(0, -1), unitDisplay: 'long' }).format(parts[unit]);
      return units.length === 0
        ? numberFormat(tag, { style: 'unit', unit: 'day', unitDisplay: 'long' }).format(0)
        : lists.format(units.map(name));
    },
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

const catalogue = (words: Words) => ({
  ...words.public,
  ...words.record,
  ...words.officials,
  acts: words.acts,
  alarm: words.mail.alarm,
  decide: words.decide,
  effect: words.effect,
  problem: words.problems,
  quoted: words.mail.quoted,
  seen: words.seen,
  tasks: words.tasks,
});

export type Catalogue = ReturnType<typeof catalogue>;

export const CATALOGUES = Object.fromEntries(LANGUAGES.map((language) => [language, catalogue(WORDS[language])])) as Readonly<
  Record<Language, Catalogue>
>;

/** A locale with the names of the city's bodies, seats and officials. `rosters`: those that were ever in force, oldest first. */
export type CityLocale = Locale & { readonly roster: Roster; readonly rosters: readonly DatedRoster[] };

const NO_ROSTER: Roster = { bodies: {}, holders: [] };

const ALWAYS = '';

/** Adds a roster to a locale. Without `rosters`, past actors are named as on `roster`. */
export const withRoster = (
  locale: Locale,
  roster: Roster | null | undefined,
  rosters: readonly DatedRoster[] = [{ since: ALWAYS, roster: roster ?? NO_ROSTER }],
): CityLocale => ({ ...locale, roster: roster ?? NO_ROSTER, rosters });

/** Returns a body as it is in force, else as it last was. */
const knownBody = ({ roster, rosters }: CityLocale, body: string): Body | undefined => {
  const last = rosters.findLast((each) => bodyOf(each.roster, body) !== undefined)?.roster;
  return bodyOf(roster, body) ?? (last && bodyOf(last, body));
};

export const bodyName = (locale: CityLocale, body: string): string => locale.named(knownBody(locale, body)?.name ?? body);

/** Returns the forms of a body's name for use in texts, with its article. */
export const bodySlotsOf = (locale: CityLocale, body: string): BodyNames => locale.bodySlots(bodyName(locale, body));

export const seatLabel = (locale: CityLocale, body: string, seat: string): string | undefined => {
  const label = knownBody(locale, body)?.seatLabels?.[seat];
  return label === undefined ? undefined : locale.named(label);
};

/** Returns the holder's name at an instant, such as of an act. */
export const holderName = ({ rosters, now }: CityLocale, holder: string, at: string = now): string =>
  nameAt(rosters, holder, at) ?? holder;

/** Returns a seat's label, else its holder of that day, else the body if it has one seat, else its id. */
export const seatName = (locale: CityLocale, body: string, seat: string, when: LocalMoment): string => {
  const label = seatLabel(locale, body, seat);
  if (label !== undefined) return label;
  const then = locale.rosters.findLast(({ since }) => since <= when.at)?.roster ?? locale.roster;
  const holder = holderOfSeat(then, body, seat, when);
  return holder?.name ?? (isAlone(locale, body) ? bodyName(locale, body) : seat);
};

/** Returns a seat's label, else its body if that has one seat, else "a member of" the body. */
export const roleName = (locale: CityLocale, body: string, seat: string): string => {
  const slots = bodySlotsOf(locale, body);
  return seatLabel(locale, body, seat) ?? (isAlone(locale, body) ? slots.body : fillText(locale.words.rules.member, slots));
};

/** Returns a seat's name, with its body if the body has other seats. */
export const seatInBody = (locale: CityLocale, body: string, seat: string): string => {
  const name = bodyName(locale, body);
  return isAlone(locale, body) ? name : `${name}, ${seatLabel(locale, body, seat) ?? seat}`;
};

const isAlone = ({ roster }: CityLocale, body: string): boolean => seatsIn(roster, body).length === 1;

export const seatsIn = (roster: Roster | null, body: string): readonly string[] =>
  (roster === null ? undefined : bodyOf(roster, body)?.seats) ?? [];

/**
 * A seat that is called at a meeting. `name`: as shown; `names`: its id, its labels and its holder's name, any of which a form may
 * use.
 */
export interface CalledSeat {
  readonly seat: string;
  readonly name: Name;
  readonly names: readonly string[];
  readonly isVacant: boolean;
}

export const calledSeats = (roster: Roster, body: string, when: LocalMoment): readonly CalledSeat[] =>
  seatsIn(roster, body).map((seat) => {
    const label = bodyOf(roster, body)?.seatLabels?.[seat];
    const holder = holderOfSeat(roster, body, seat, when)?.name;
    const labels = typeof label === 'string' ? [label] : Object.values(label ?? {});
    const names = [seat, ...labels, ...(holder === undefined ? [] : [holder])];
    return { seat, name: label ?? holder ?? seat, names, isVacant: holder === undefined };
  });

/** Finds a seat by its id, its label or its holder's name, ignoring case. */
export const seatNamed = (seats: readonly CalledSeat[], name: string): string | undefined =>
  seats.find(({ names }) => names.some((each) => each.toLowerCase() === name.toLowerCase()))?.seat;

export const changeLink = ({ href }: Locale, id: string, name: Html | string = html`<code>${id}</code>`): Html =>
  html`<a href="${href(`/changes/${id}`)}">${name}</a>`;

export const featureLink = ({ href }: Locale, key: string, name: Html | string = html`<code>${key}</code>`): Html =>
  html`<a href="${href(`/features/${key}`)}">${name}</a>`;

export const hashText = (hash: string): Html => html`<code>SHA-256 ${hash}</code>`;

export const boundText = ({ day, dateTime }: Locale, bound: string): string => (isInstant(bound) ? dateTime(bound) : day(bound));

export const isVendor = (id: string): boolean => id === CITY || VendorId.safeParse(id).success;

export const VendorQuery = VendorId.or(z.literal(CITY)).optional();

export const vendorNames = async ({ ports }: SiteDeps, ids: Iterable<string>): Promise<ReadonlyMap<string, string>> =>
  new Map(await Promise.all([...ids].sort().map(async (id) => [id, await vendorName(ports, id)] as const)));
