import type { Context } from 'hono';
import { changeId } from '../../../../../domain/feature/keys.ts';
import type { ActView, ChangeView } from '../../../../../domain/feature/view.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import type { LaterVote, PersonalAct } from '../../../../register/waitingActs.ts';
import { hidden } from '../../forms/field.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import { linkPath } from '../../links/link.ts';
import type { Person } from '../../links/person.ts';
import type { Locale } from '../../locale.ts';
import { bodyName } from '../../names.ts';
import { linkIn } from '../../page.ts';
import { timeLeft } from '../../parts/clock.ts';
import { type Portion, restLink } from '../../parts/portion.ts';
import type { latelyBy } from '../inbox/read.ts';
import { meetingFrom } from './read.ts';

/** A vote that waits, with the link to the page on which it is certified by itself; null if none was made yet. */
export interface DeskItem {
  readonly act: PersonalAct;
  readonly href: string | null;
}

/** What the desk shows of one body. `together`: whether several votes can be certified by one form. */
export interface ShownBody {
  readonly body: string;
  readonly votes: Portion<DeskItem>;
  readonly later: Portion<LaterVote>;
  readonly together: boolean;
}

/** Returns the names of the parameters of the address by which a body's lists go on. */
export const portionNames = (body: string): { readonly votes: string; readonly later: string } => ({
  votes: `from.${body}`,
  later: `later.${body}`,
});

/** Returns the path of the desk, beneath the link of the request. */
export const deskPath = (context: Context): string => `${linkPath(context)}/desk`;

const titleOf = (view: ChangeView): Html => foreign(latestOf(view).notice.title);

const choice = ({ key, title, change, asks }: PersonalAct, live: boolean): Html => {
  if (!live || asks === 'override') return html`<h3>${foreign(title)}</h3>`;
  return html`<h3><label class="pick"><input type="checkbox" name="change" value="${changeId(key, change.number)}"><span>${foreign(title)}</span></label></h3>`;
};

const item = (context: Context, locale: Locale, person: Person, { act, href }: DeskItem): Html => {
  const { words, say, deadline, day } = locale;
  const { title, change, asks } = act;
  const id = changeId(act.key, change.number);
  const clock =
    act.until === null
      ? html`${words.desk.noEnd}`
      : html`${say(words.desk.until, { when: deadline(act.until) })}. ${timeLeft(locale, act.until)}`;
  const terms = change.terms === null ? words.desk.termsOpen : words.desk.termsSet;
  const open =
    person.live && href !== null
      ? html` · <a href="${linkIn(context, href)}">${words.desk.open}<span class="visually-hidden">: ${foreign(title)}</span></a>`
      : empty;
  return html`
<li class="card">${choice(act, person.live)}<p class="eyebrow">${clock}</p>
<p>${say(words.desk.meetingFrom, { day: day(meetingFrom(act, person)) })} ${asks === 'override' ? words.desk.second : terms}</p>
<p class="fine"><a href="${linkIn(context, `/changes/${id}`)}"><code>${id}</code></a>${open}</p></li>`;
};

const laterList = (context: Context, locale: Locale, { roster }: Person, { body, later }: ShownBody): Html => {
  const { words, say, bodyList } = locale;
  if (later.items.length === 0) return empty;
  const items = later.items.map(({ key, title, change, rules, rule }) => {
    const bodies = (rule.after ?? []).map((id) => rules.find((each) => each.id === id)?.body ?? id);
    const after = say(words.desk.after, { bodies: bodyList(bodies.map((each) => bodyName(roster, each))) });
    return html`<li><a href="${linkIn(context, `/changes/${key}/${change.number}`)}">${foreign(title)}</a> <small>${after}</small></li>`;
  });
  return html`<h3>${words.desk.later}</h3><ul class="plain">${items}</ul>${restLink(context, locale, portionNames(body).later, later)}`;
};

/** Renders what waits for one body's vote, to be ticked for one resolution or printed for one agenda. */
const bodySection = (context: Context, locale: Locale, person: Person, desk: ShownBody): Html => {
  const { words, say, bodySlots } = locale;
  const { body, votes } = desk;
  const lang = context.req.query('lang');
  const buttons =
    person.live && desk.together
      ? html`<p class="buttons"><button type="submit">${words.desk.together}</button> <button type="submit" class="quiet" formaction="/packet">${words.desk.packet}</button></p>`
      : empty;
  return html`
<section aria-labelledby="body-${body}"><h2 id="body-${body}">${say(words.desk.body, bodySlots(bodyName(person.roster, body)))}</h2>
${
  votes.items.length === 0
    ? html`<p>${words.desk.nothing}</p>`
    : html`<form method="get" action="${deskPath(context)}/consent">${lang === undefined ? empty : hidden('lang', lang)}${hidden('body', body)}<ul class="plain waits">${votes.items.map((each) => item(context, locale, person, each))}</ul>${buttons}</form>${restLink(context, locale, portionNames(body).votes, votes)}`
}${laterList(context, locale, person, desk)}</section>`;
};

/** Renders what waits for each body the clerk serves. */
export const waitingSections = (context: Context, locale: Locale, person: Person, bodies: readonly ShownBody[]): Html =>
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
