import type { Context } from 'hono';
import { ascending } from '../../../../../domain/kernel/order.ts';
import type { LocalMoment } from '../../../../../domain/kernel/zone.ts';
import { bodyOf } from '../../../../../domain/policy/seats.ts';
import { endOfTerm, holdersOf, isInstant, startOfTerm } from '../../../../../domain/roster/holders.ts';
import type { Holder, Roster } from '../../../../../domain/roster/schema.ts';
import { hidden } from '../../forms/field.ts';
import { empty, type Html, html } from '../../html.ts';
import type { Person } from '../../links/person.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, boundText } from '../../names.ts';
import { deskPath } from './page.ts';

const COMING_MAX = 20;

/** Returns the name of a seat without its holder; the body's name if it has one seat. */
const seatLabel = (roster: Roster, body: string, seat: string): string => {
  const known = bodyOf(roster, body);
  return known?.seats.length === 1 ? known.name : `${bodyName(roster, body)}, ${known?.seatLabels?.[seat] ?? seat}`;
};

const term = (locale: Locale, { from, to, acting }: Holder): Html => {
  const { words, say } = locale;
  const [begins, ends] = [boundText(locale, from), to === undefined ? undefined : boundText(locale, to)];
  const text =
    ends === undefined
      ? say(words.desk.roster.from, { from: begins })
      : say(words.desk.roster.fromTo, { from: begins, to: ends });
  return acting === true ? html`${words.desk.roster.isActing}, ${text}` : text;
};

const table = (locale: Locale, roster: Roster, on: LocalMoment): Html => {
  const { words, say, day } = locale;
  const rows = Object.keys(roster.bodies).flatMap((body) => {
    const holders = holdersOf(roster, body, on);
    return (bodyOf(roster, body)?.seats ?? []).map((seat) => {
      const holder = holders.get(seat);
      return html`
<tr><th scope="row">${seatLabel(roster, body, seat)}</th><td>${holder === undefined ? html`<b>${words.rules.vacant}</b>` : html`${holder.name} <small>${term(locale, holder)}</small>`}</td></tr>`;
    });
  });
  return html`
<table><caption>${say(words.desk.roster.caption, { day: day(on.date) })}</caption><thead><tr><th scope="col">${words.decide.certify.seat}</th><th scope="col">${words.desk.roster.holder}</th></tr></thead><tbody>${rows}</tbody></table>`;
};

/** Renders the terms of office that begin or end after a day, soonest first; an acting holder's term does both. */
const coming = (locale: Locale, roster: Roster, { at, zone }: LocalMoment): Html => {
  const { words, say } = locale;
  const turns = roster.holders
    .flatMap((each) => {
      const { name, body, seat, from, to } = each;
      const [begins, ends] = [startOfTerm(each, zone), endOfTerm(each, zone)];
      const slots = { name, seat: seatLabel(roster, body, seat) };
      const leaves = to !== undefined && isInstant(to) ? words.desk.roster.endsAt : words.desk.roster.ends;
      return [
        ...(begins > at ? [{ at: begins, text: say(words.desk.roster.begins, { ...slots, day: boundText(locale, from) }) }] : []),
        ...(to !== undefined && ends !== undefined && ends > at
          ? [{ at: ends, text: say(leaves, { ...slots, day: boundText(locale, to) }) }]
          : []),
      ];
    })
    .toSorted((a, b) => ascending(a.at, b.at))
    .slice(0, COMING_MAX);
  return turns.length === 0
    ? html`<p>${words.desk.roster.noneComing}</p>`
    : html`<ul>${turns.map(({ text }) => html`<li>${text}</li>`)}</ul>`;
};

/** Renders who holds which seat at a moment, now or the last of a day, and what changes afterwards. */
export const holdersSection = (context: Context, locale: Locale, { roster, rosters }: Person, on: LocalMoment): Html => {
  const { words } = locale;
  const texts = words.desk.roster;
  const lang = context.req.query('lang');
  if (roster === null) return empty;
  return html`
<section aria-labelledby="holders"><h2 id="holders">${texts.heading}</h2>
<form class="find" method="get" action="${deskPath(context)}#holders">${lang === undefined ? empty : hidden('lang', lang)}<div><label for="on">${texts.day}</label><input type="date" id="on" name="on" value="${on.date}" required></div><button type="submit" class="quiet">${texts.show}</button></form>
${table(locale, roster, on)}<h3>${texts.coming}</h3>${coming(locale, roster, on)}
${rosters.proposal === null ? empty : html`<p class="note">${texts.proposal}</p>`}<p class="fine">${texts.acting}</p></section>`;
};
