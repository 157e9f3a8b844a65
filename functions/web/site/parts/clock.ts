import { localDateOf } from '../../../../domain/kernel/zone.ts';
import { type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

const DAY_MS = 86_400_000;

/** Renders how many calendar days are left until an instant. */
export const timeLeft = ({ words, count, now, zone }: Locale, closes: string): Html => {
  const lastMoment = new Date(Date.parse(closes) - 1).toISOString();
  const days = (Date.parse(localDateOf(lastMoment, zone)) - Date.parse(localDateOf(now, zone))) / DAY_MS;
  return days < 1 ? html`${words.decide.lastDay}` : count(words.decide, 'daysLeft', days);
};
