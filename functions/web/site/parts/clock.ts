import { localDateOf } from '../../../../domain/kernel/zone.ts';
import { type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

const DAY_MS = 86_400_000;

/** How many days of the calendar are left until an instant at which something is over: what a person counts in. */
export const timeLeft = ({ words, count, now, zone }: Locale, closes: string): Html => {
  const lastMoment = new Date(Date.parse(closes) - 1).toISOString();
  const days = (Date.parse(localDateOf(lastMoment, zone)) - Date.parse(localDateOf(now, zone))) / DAY_MS;
  return days < 1 ? html`${words.decide.lastDay}` : count(words.decide.daysLeft, days);
};
