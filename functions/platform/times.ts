import { localDateOf, startOfLocalDay } from '../../domain/kernel/zone.ts';
import { fillText } from './catalogue.ts';
import { dateFormat } from './formatters.ts';

/** The texts for the end of something: `{day}` after which it has ended, or `{when}`, the moment. */
interface EndTexts {
  readonly endOf: string;
  readonly atTime: string;
}

/**
 * Returns the functions that write dates and moments in a language and in the city's time zone, for pages and mails alike. Ends are
 * exclusive: what ends at midnight is open to the end of the day before, and is written as that day. `timeZoneName`: adds the name of
 * the zone to each moment.
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
  const date = (instant: string): string => dates.format(new Date(instant));
  const dateTime = (instant: string): string => moments.format(new Date(instant));
  const lastDay = (instant: string): string => dates.format(lastMoment(instant));
  const moment = (instant: string): string => `${weekdays.format(new Date(instant))}, ${dateTime(instant)}`;
  const ending = (instant: string): string =>
    isMidnight(instant) ? `${weekdays.format(lastMoment(instant))}, ${lastDay(instant)}` : moment(instant);
  const until = (instant: string): string =>
    isMidnight(instant) ? fillText(ends.endOf, { day: lastDay(instant) }) : fillText(ends.atTime, { when: dateTime(instant) });
  const deadline = (instant: string): string =>
    isMidnight(instant) ? fillText(ends.endOf, { day: ending(instant) }) : fillText(ends.atTime, { when: ending(instant) });
  return {
    /** A local date, `2026-03-17`. */
    day: (localDate: string): string => localDates.format(new Date(`${localDate}T00:00:00Z`)),
    date,
    dateTime,
    /** A moment with the day of the week. */
    moment,
    /** The last day on which something that ends at the instant is still open. */
    lastDay,
    /** The instant at which something ends; midnight is written as the day that ends there. */
    until,
    /** The same with the day of the week, for what a person must do by then. */
    deadline,
    /** The same after “on”: the day alone, or the moment. */
    ending,
  };
};
