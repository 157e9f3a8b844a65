import type { Context } from 'hono';
import type { ActView, ChangeView } from '../../../../../domain/feature/view.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import { hidden } from '../../forms/field.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import { linkPath } from '../../links/link.ts';
import type { Person } from '../../links/person.ts';
import type { Locale } from '../../locale.ts';
import { bodyName } from '../../names.ts';
import { linkIn } from '../../page.ts';
import { timeLeft } from '../../parts/clock.ts';
import { portionOf, restLink } from '../../parts/portion.ts';
import type { latelyBy } from '../inbox/read.ts';
import type { DeskBody, DeskItem } from './read.ts';

/** A vote that waits, with the link to the page on which it is certified by itself; null if none was made yet. */
export type LinkedItem = DeskItem & { readonly href: string | null };
export type LinkedBody = Omit<DeskBody, 'items'> & { readonly items: readonly LinkedItem[] };

/** Returns the path of the desk, beneath the link of the request. */
export const deskPath = (context: Context): string => `${linkPath(context)}/desk`;

const titleOf = (view: ChangeView): Html => foreign(latestOf(view).notice.title);

const choice = ({ view, due, id }: LinkedItem, live: boolean): Html => {
  const title = titleOf(view);
  if (!live || due.asks === 'override') return html`<h3>${title}</h3>`;
  return html`<h3><label class="pick"><input type="checkbox" name="change" value="${id}"><span>${title}</span></label></h3>`;
};

const item = (context: Context, locale: Locale, each: LinkedItem, live: boolean): Html => {
  const { words, say, until, day } = locale;
  const { view, due } = each;
  const clock =
    due.until === null
      ? html`${words.desk.noEnd}`
      : html`${say(words.desk.until, { when: until(due.until) })}. ${timeLeft(locale, due.until)}`;
  const terms = view.terms === null ? words.desk.termsOpen : words.desk.termsSet;
  const open =
    live && each.href !== null
      ? html` · <a href="${linkIn(context, each.href)}">${words.desk.open}<span class="visually-hidden">: ${titleOf(view)}</span></a>`
      : empty;
  return html`
<li class="card">${choice(each, live)}<p class="eyebrow">${clock}</p>
<p>${say(words.desk.meetingFrom, { day: day(each.meetingFrom) })} ${due.asks === 'override' ? words.desk.second : terms}</p>
<p class="fine"><a href="${linkIn(context, `/changes/${view.key}/${view.number}`)}"><code>${each.id}</code></a>${open}</p></li>`;
};

const laterList = (context: Context, { words, say, bodyList }: Locale, { roster }: Person, { later }: LinkedBody): Html => {
  if (later.length === 0) return empty;
  const items = later.map(({ view, requirement }) => {
    const bodies = (requirement.rule.after ?? []).map((id) => view.requirements.find((each) => each.id === id)?.body ?? id);
    const after = say(words.desk.after, { bodies: bodyList(bodies.map((body) => bodyName(roster, body))) });
    return html`<li><a href="${linkIn(context, `/changes/${view.key}/${view.number}`)}">${titleOf(view)}</a> <small>${after}</small></li>`;
  });
  return html`<h3>${words.desk.later}</h3><ul class="plain">${items}</ul>`;
};

/** Renders what waits for one body's vote, to be ticked for one resolution or printed for one agenda. */
const bodySection = (context: Context, locale: Locale, person: Person, desk: LinkedBody): Html => {
  const { words, say, bodySlots } = locale;
  const lang = context.req.query('lang');
  const from = `from.${desk.body}`;
  const shown = portionOf(context, from, desk.items);
  const together = person.live && desk.items.some(({ due }) => due.asks === 'decide');
  const buttons = together
    ? html`<p class="buttons"><button type="submit">${words.desk.together}</button> <button type="submit" class="quiet" formaction="/packet">${words.desk.packet}</button></p>`
    : empty;
  return html`
<section aria-labelledby="body-${desk.body}"><h2 id="body-${desk.body}">${say(words.desk.body, bodySlots(bodyName(person.roster, desk.body)))}</h2>
${
  desk.items.length === 0
    ? html`<p>${words.desk.nothing}</p>`
    : html`<form method="get" action="${deskPath(context)}/consent">${lang === undefined ? empty : hidden('lang', lang)}${hidden('body', desk.body)}<ul class="plain waits">${shown.items.map((each) => item(context, locale, each, person.live))}</ul>${buttons}</form>${restLink(context, locale, from, shown)}`
}${laterList(context, locale, person, desk)}</section>`;
};

/** Renders what waits for each body the clerk serves. */
export const waitingSections = (context: Context, locale: Locale, person: Person, bodies: readonly LinkedBody[]): Html =>
  html`${bodies.map((body) => bodySection(context, locale, person, body))}`;

type Certified = {
  readonly view: ChangeView;
  readonly act: Extract<ActView, { type: 'VoteCertified' }>;
  readonly href: string | null;
};

/** Returns the certified votes among a person's latest acts. */
export const certifiedIn = (lately: Awaited<ReturnType<typeof latelyBy>>): readonly Omit<Certified, 'href'>[] =>
  lately.flatMap(({ view, act }) => (act.type === 'VoteCertified' ? [{ view, act }] : []));

/** Renders what this clerk certified lately, each linked to the page on which it can be corrected. */
export const latelyCertified = (
  context: Context,
  { words, say, day, number }: Locale,
  { roster }: Person,
  acts: readonly Certified[],
): Html => {
  if (acts.length === 0) return html`<h2>${words.desk.lately}</h2><p>${words.desk.noneLately}</p>`;
  const items = acts.map(({ view, act, href }) => {
    const body = view.requirements.find(({ id }) => id === act.requirement)?.body ?? act.requirement;
    const { yes, no, needed } = act.tally;
    const tally = say(words.act.certified, {
      body: bodyName(roster, body),
      yes: number(yes),
      no: number(no),
      needed: number(needed),
    });
    const address = linkIn(context, href ?? `/changes/${view.key}/${view.number}`);
    return html`
<li><a href="${address}">${titleOf(view)}</a>: ${tally}<br><small>${words.decide.certify.fileNumber} ${foreign(act.fileNumber)} · ${day(act.meetingDate)} · <code>${view.key}/${view.number}</code></small></li>`;
  });
  return html`<h2>${words.desk.lately}</h2><p class="fine">${words.desk.latelyNote}</p><ul class="plain">${items}</ul>`;
};
