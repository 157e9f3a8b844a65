import type { ApprovalEffect, LimitOrigin } from '../../../../domain/feature/effect.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { audienceText } from './terms.ts';

const originText = ({ words, say }: Locale, origin: LimitOrigin): Html => {
  const { by } = words.effect;
  return origin.by === 'above' ? say(by.above, { key: html`<code>${origin.key}</code>` }) : html`${by[origin.by]}`;
};

const origins = (locale: Locale, limits: readonly { readonly origin: LimitOrigin }[]): Html =>
  limits.length === 0
    ? empty
    : html` <small>${limits.map(({ origin }, index) => html`${index === 0 ? empty : '; '}${originText(locale, origin)}`)}</small>`;

/**
 * Renders the end of an effect as part of a sentence: "until May 18, 2027" or "without an end date". `atMost`: others may still set an
 * earlier one.
 */
export const effectEnd = ({ words, say, until }: Locale, effect: ApprovalEffect, atMost = false): Html => {
  if (effect.until === null) return html`${words.effect.noEnd}`;
  return say(atMost ? words.decide.untilAtMost : words.decide.goesOnUntil, { when: until(effect.until.value) });
};

/** Renders what an approval does, each limit with where it comes from. */
export const effectList = (locale: Locale, effect: ApprovalEffect): Html => {
  const { words, until, dateTime } = locale;
  const { from, until: end, audience, audiences, conditions, maintenance } = effect;
  const row = (label: string, value: Html): Html => html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
  const byText = Map.groupBy(conditions, ({ value }) => value);
  const listed = html`${[...byText].map(([text, limits]) => html`<p class="words">${foreign(text)}${origins(locale, limits)}</p>`)}`;
  return html`
<dl class="facts effect">${from === null ? empty : row(words.effect.from, html`${dateTime(from.value)}${origins(locale, [from])}`)}${row(
    words.effect.until,
    end === null ? html`${words.effect.noEnd}` : html`${until(end.value)}${origins(locale, [end])}`,
  )}
${row(words.effect.audience, html`${audienceText(locale, audience)}${origins(locale, audiences)}`)}
${row(words.effect.conditions, conditions.length === 0 ? html`${words.effect.none}` : listed)}${
  maintenance === null
    ? empty
    : row(words.effect.maintenance, html`${words.effect.maintenanceYes}${origins(locale, [{ origin: maintenance }])}`)
}</dl>`;
};
