import { localDateOf, startOfLocalDay } from '../../../domain/kernel/zone.ts';
import type { Words } from './vocabulary.ts';

const isMidnight = (instant: string, zone: string): boolean => startOfLocalDay(localDateOf(instant, zone), zone) === instant;

/** Instants that end something are exclusive: what ends at midnight is open on the day before, to its end. */
const lastMoment = (instant: string): Date => new Date(Date.parse(instant) - 1);

/** The last day on which something that ends at the instant is still open. */
export const lastDay = ({ locale }: Words, instant: string, zone: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: zone }).format(lastMoment(instant));

/** When something ends: a day when it ends with that day, else the moment with its time zone. */
export const endOf = (words: Words, instant: string, zone: string): string =>
  isMidnight(instant, zone) ? lastDay(words, instant, zone) : momentOf(words, instant, zone);

/** A moment in the city's time, with the zone's name. */
export const momentOf = ({ locale }: Words, instant: string, zone: string): string =>
  new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZone: zone,
    timeZoneName: 'short',
  }).format(new Date(instant));
