import type { Context } from 'hono';
import * as z from 'zod';
import { localDateOf, toInstant } from '../../../../domain/kernel/zone.ts';
import { badParameter, checkQuery, LIMIT_MAX } from '../../http/input.ts';
import { refused } from '../../http/refused.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

const common = {
  lang: z.string().max(20).optional(),
  format: z.enum(['html', 'json', 'csv'], { error: 'is html, json or csv' }).prefault('html'),
};

/** Returns the context of a question for an agency, if it names one. */
export const contextFor = (agency: string | undefined) => ({ agencies: agency === undefined ? [] : [agency] });

/** A text of at most so many characters that may be absent. */
export const textUpTo = (chars: number) => z.string().max(chars, `is longer than ${chars} characters`).optional();

const NO_LIMIT = `is not a whole number from 1 to ${LIMIT_MAX}`;

/** `limit` of a page whose default differs between HTML and data. */
export const LimitQuery = z
  .string()
  .regex(/^[1-9][0-9]{0,3}$/, NO_LIMIT)
  .transform(Number)
  .refine((limit) => limit <= LIMIT_MAX, NO_LIMIT)
  .optional();

/**
 * Reads the parameters of a page. Ignores unknown ones, since shared addresses carry trackers, and blank ones, since forms send
 * them; rejects invalid values of known ones.
 */
export const queryOf = <S extends z.ZodRawShape>(context: Context, shape: S) => {
  const known = { ...common, ...shape };
  const queries = Object.fromEntries(
    Object.entries(context.req.queries()).filter(
      ([name, values]) => Object.hasOwn(known, name) && values.some((value) => value !== ''),
    ),
  );
  return checkQuery(z.strictObject(known), queries);
};

/** `at`, as every page takes it. */
export const AtQuery = z.string().max(40, 'is not an instant').optional();

/** Reads the instant asked for: RFC 3339, or a date for the end of that day. Today's date means now. Rejects the future. */
export const askedInstant = (text: string, { zone, clock }: SiteDeps['ports']): string => {
  const at = toInstant(text, zone);
  if (at === undefined) throw badParameter('at', 'is not an instant such as 2026-04-01T00:00:00Z');
  const now = clock();
  if (text.length === 10 && text === localDateOf(now, zone)) return now;
  if (at > now)
    throw refused('future-instant', { detail: 'at is in the future', errors: [{ pointer: '/at', detail: 'is in the future' }] });
  return at;
};

/** Renders that a page shows the past, with a link to the present. `now`: that link. */
export const pastNote = ({ words, say, ending }: Locale, instant: string, now: string): Html =>
  html`<p class="note">${say(words.past.asKnown, { when: html`<time datetime="${instant}">${ending(instant)}</time>` })} <a href="${now}">${words.past.now}</a></p>`;

/**
 * Renders a form that asks for a day. `keep`: other parameters to keep; the locale's `now` is the last day that can be asked for.
 */
export const pastForm = (
  context: Context,
  { words, language, zone, now }: Locale,
  at: string | undefined,
  keep: Readonly<Record<string, string | undefined>> = {},
): Html => {
  const kept = { ...keep, lang: context.req.query('lang') === undefined ? undefined : language };
  return html`
<form class="find" method="get" action="${context.req.path}">${Object.entries(kept).map(([name, value]) =>
    value === undefined ? empty : html`<input type="hidden" name="${name}" value="${value}">`,
  )}
<div><label for="at">${words.past.label}</label><input type="date" id="at" name="at" value="${at?.slice(0, 10) ?? ''}" max="${localDateOf(now, zone)}" required></div><button type="submit" class="quiet">${words.past.show}</button></form>`;
};
