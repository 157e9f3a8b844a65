import type { Context } from 'hono';
import type { LocalMoment } from '../../../../../domain/kernel/zone.ts';
import { attestedBy } from '../../../../../domain/roster/attest.ts';
import { endOfTerm } from '../../../../../domain/roster/holders.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import { hidden } from '../../forms/field.ts';
import { empty, type Html, html } from '../../html.ts';
import type { Person } from '../../links/person.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, holderName, seatName } from '../../names.ts';
import { linkIn } from '../../page.ts';
import { deskPath } from './page.ts';

/** A person whose links the clerk may cut off. `generation`: as this page saw it; `unreached`: the last mail to them bounced. */
export interface Official {
  readonly id: string;
  readonly body: string;
  readonly seat: string;
  readonly generation: number;
  readonly unreached: boolean;
}

/**
 * Returns the people whose links a clerk may cut off: those with a current or future term in the clerk's own office or in a body
 * it certifies for.
 */
export const officialsOf = (
  roster: Roster,
  office: string,
  { at, zone }: LocalMoment,
): readonly Omit<Official, 'generation' | 'unreached'>[] => {
  const bodies = [...attestedBy(roster, office), office];
  const terms = roster.holders.filter((term) => bodies.includes(term.body) && (endOfTerm(term, zone) ?? at) >= at);
  return [...new Map(terms.map(({ id, body, seat }) => [id, { id, body, seat }])).values()];
};

const row = (context: Context, { words, say }: Locale, { roster, today }: Person, official: Official): Html => {
  const { id, body, seat, generation, unreached } = official;
  const name = holderName(roster, id);
  const button = (action: 'reissue' | 'revoke', quiet: boolean): Html =>
    html`<button type="submit" name="action" value="${action}"${quiet ? html` class="quiet"` : empty}>${words.desk.officials[action]}<span class="visually-hidden"> ${say(words.desk.officials.of, { name })}</span></button>`;
  return html`
<li><form method="post" action="${linkIn(context, `${deskPath(context)}/links`)}"><p><b>${name}</b> <small>${bodyName(roster, body)}, ${seatName(roster, body, seat, today)}</small></p>${unreached ? html`<p>${say(words.desk.officials.unreached, { name })}</p>` : empty}${hidden('holder', id)}${hidden('generation', String(generation))}<p class="buttons">${button('reissue', false)} ${button('revoke', true)}</p></form></li>`;
};

/** Renders the forms that send new links. Each cuts off all older links of that person at once. */
export const officialsSection = (context: Context, locale: Locale, person: Person, officials: readonly Official[]): Html => {
  const { words, say } = locale;
  const { heading, lead, operator } = words.desk.officials;
  if (!person.live) return empty;
  return html`
<details class="officials"><summary>${heading}</summary><p>${lead}</p><ul class="plain">${officials.map((official) => row(context, locale, person, official))}</ul>
<p class="fine">${say(operator, { command: html`<code>aldergate link reissue HOLDER</code>` })}</p></details>`;
};
