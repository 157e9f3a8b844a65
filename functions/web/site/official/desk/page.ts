import type { Context } from 'hono';
import { changeId, changeNamed } from '../../../../../domain/feature/keys.ts';
import { firstSecondVote } from '../../../../../domain/feature/secondVote.ts';
import type { ActView, ChangeView } from '../../../../../domain/feature/view.ts';
import { ascending } from '../../../../../domain/kernel/order.ts';
import { type LocalMoment, localDateOf } from '../../../../../domain/kernel/zone.ts';
import { bodyOf } from '../../../../../domain/policy/seats.ts';
import { attestedBy } from '../../../../../domain/roster/bodies.ts';
import { endOfTerm, holdersOf, isInstant, startOfTerm } from '../../../../../domain/roster/holders.ts';
import type { Holder, Roster } from '../../../../../domain/roster/schema.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { presentChange, readChange } from '../../../../register/read.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import { LATER_VOTES, type LaterVote, type PersonalAct, type PersonalActs } from '../../../../register/waiting.ts';
import type { LinkDeps, SitePorts } from '../../deps.ts';
import { hidden } from '../../forms.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import { type DecideLink, linkPath, type Person } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, boundText, holderName, seatName } from '../../names.ts';
import { linkIn } from '../../page.ts';
import { decidedText } from '../../parts/acts.ts';
import { type Portion, restLink } from '../../parts/portion.ts';
import { timeLeft } from '../../parts/secondVote.ts';
import { readSituation, type Situation } from '../decide/situation.ts';
import { type latelyBy, waitingFor } from '../inbox.ts';

/** Most changes one resolution can be certified for. */
export const CONSENT_MAX = 40;

interface DeskBody {
  readonly body: string;
  readonly acts: PersonalActs;
  readonly later: readonly LaterVote[];
}

const meetingFrom = ({ asks, change, rules }: PersonalAct, { now, zone }: Person): string =>
  asks === 'override' && change.veto !== null ? firstSecondVote(change.veto, rules, zone) : localDateOf(change.from ?? now, zone);

/** Reads what waits for the vote of each body the clerk serves, soonest first; may lag. */
export const deskOf = async (ports: SitePorts, person: Person): Promise<readonly DeskBody[]> => {
  const { roster, link, now } = person;
  if (roster === null) return [];
  const [waiting, later] = await Promise.all([waitingFor(ports, person), ports.register.facet(LATER_VOTES, { now })]);
  return attestedBy(roster, link.body).map((body) => ({
    body,
    acts: waiting.forBody(body),
    later: later.get(body) ?? [],
  }));
};

/** Reads the clerk's situation for a body's vote on one change, strongly consistent; undefined if the body has no vote on it. */
export const situationOn = async (
  deps: LinkDeps,
  { link: { holder, body: office, seat, generation }, now }: Person,
  body: string,
  change: string,
): Promise<Situation | undefined> => {
  const named = changeNamed(change);
  if (named === undefined) return undefined;
  const { key, number: n } = named;
  const reading = await ifReadable(readChange(deps.ports, key, n));
  if (reading === undefined) return undefined;
  const view = presentChange(reading.view, reading.state, now);
  const votes = view.requirements.filter((each) => each.body === body && each.instrument === 'certification');
  const requirement = votes.find(({ status }) => status === 'open') ?? votes[0];
  if (requirement === undefined) return undefined;
  const link: DecideLink = {
    purpose: 'decide',
    holder,
    body: office,
    seat,
    requirement: requirement.id,
    key,
    n,
    revision: latestOf(view).revision,
    generation,
  };
  return readSituation(deps, link);
};

interface DeskItem {
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
export const latelyCertified = (context: Context, locale: Locale, { roster }: Person, acts: readonly Certified[]): Html => {
  const { words, day } = locale;
  if (acts.length === 0) return html`<h2>${words.desk.lately}</h2><p>${words.desk.noneLately}</p>`;
  const items = acts.map(({ view, act, href }) => {
    const body = view.requirements.find(({ id }) => id === act.requirement)?.body ?? act.requirement;
    const tally = decidedText(locale, act, bodyName(roster, body), roster);
    const address = linkIn(context, href ?? `/changes/${view.key}/${view.number}`);
    return html`
<li><a href="${address}">${titleOf(view)}</a>: ${tally}<br><small>${words.decide.certify.fileNumber} ${foreign(act.fileNumber)} · ${day(act.meetingDate)} · <code>${view.key}/${view.number}</code></small></li>`;
  });
  return html`<h2>${words.desk.lately}</h2><p class="fine">${words.desk.latelyNote}</p><ul class="plain">${items}</ul>`;
};

const COMING_MAX = 20;

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

/** A person whose links the clerk may cut off. `generation`: as this page saw it; `unreached`: the last mail to them bounced. */
interface Official {
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
