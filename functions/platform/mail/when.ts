import { localDateOf, startOfLocalDay } from '../../../domain/kernel/zone.ts';
import { fillText } from '../catalogue.ts';
import { dateFormat } from '../formatters.ts';
import type { MailWords } from './words.en.ts';

const days = (locale: string, timeZone: string) => dateFormat(locale, { timeZone, dateStyle: 'long' });
const moments = (locale: string, timeZone: string) =>
  dateFormat(locale, {
    timeZone,
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  });

const isMidnight = (instant: string, zone: string): boolean => startOfLocalDay(localDateOf(instant, zone), zone) === instant;

/**
 * Returns the last millisecond before an end. Ends are exclusive: something that ends at midnight is open to the end of the day
 * before.
 */
const lastMoment = (instant: string): Date => new Date(Date.parse(instant) - 1);

/** Returns the last day on which something that ends at the instant is still open. */
export const lastDay = ({ locale }: MailWords, instant: string, zone: string): string =>
  days(locale, zone).format(lastMoment(instant));

/** Returns a local date in words. */
export const dayText = ({ locale }: MailWords, date: string): string => days(locale, 'UTC').format(Date.parse(date));

/** Returns when something ends: the day if it ends with that day, else the moment with its time zone. */
export const endText = (words: MailWords, instant: string, zone: string): string =>
  isMidnight(instant, zone) ? lastDay(words, instant, zone) : momentOf(words, instant, zone);

/** Returns when an effect ends, as pages state it: the end of a day, else the moment with its time zone. */
export const endOfEffect = (words: MailWords, instant: string, zone: string): string =>
  isMidnight(instant, zone)
    ? fillText(words.effect.endOf, { day: lastDay(words, instant, zone) })
    : momentOf(words, instant, zone);

/** Returns a moment in the city's time, with the name of the zone. */
export const momentOf = ({ locale }: MailWords, instant: string, zone: string): string =>
  moments(locale, zone).format(new Date(instant));
