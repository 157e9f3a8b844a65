import type { Context } from 'hono';
import { firstVoteDay } from '../../../../../domain/feature/decide/secondVote.ts';
import { TOGETHER_MAX } from '../../../../../domain/feature/events.ts';
import { kindsMissing } from '../../../../../domain/feature/evolve/words.ts';
import { changeId, changeNamed } from '../../../../../domain/feature/keys.ts';
import { type LocalMoment, localDateOf } from '../../../../../domain/kernel/zone.ts';
import { bodyOf } from '../../../../../domain/policy/rules.ts';
import { attestedBy, attests } from '../../../../../domain/roster/bodies.ts';
import { endOfTerm } from '../../../../../domain/roster/holders.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import { isRevoked, linkGenerationOf } from '../../../../../domain/roster/state.ts';
import { cutOffLinksOf } from '../../../../gate/rosters.ts';
import { bounceOf } from '../../../../reactions/notify/bounces.ts';
import { orderAgenda } from '../../../../reactions/notify/regular.ts';
import { readNamedChange } from '../../../../register/project.ts';
import { LATER_VOTES, type LaterVote, type PersonalAct } from '../../../../register/waiting.ts';
import { badField } from '../../../http/input.ts';
import { refused, refusedBy } from '../../../http/problems.ts';
import type { LinkDeps, SitePorts } from '../../deps.ts';
import { hidden, oneOf, readFields, requiredCheckbox, wantsPage } from '../../forms.ts';
import { empty, type Html, html, plainText, untrustedText, visuallyHidden } from '../../html.ts';
import { anyLinkOf, linkPath, type Person, readPerson } from '../../links.ts';
import { bodySlotsOf, type CityLocale, changeLink, holderName, type Locale, seatInBody } from '../../locale.ts';
import { localeOfPerson, ownNav, type PageHandler, render, seeOther } from '../../page.ts';
import { bodiesBefore } from '../../parts/approvalPath.ts';
import { documentKinds } from '../../parts/notice.ts';
import { type ListSlice, listSlice, moreLink } from '../../query.ts';
import { type InboxEntry, inboxEntries, turnClock, waitingFor } from '../inbox.ts';
import { deskPath, nothingTicked } from './consent.ts';

/** Maximum ticks that the desk keeps between pages of a list, far more than one resolution takes. */
const TICKED_MAX = 200;

const deskOf = async (ports: SitePorts, person: Person) => {
  const { roster, link, now } = person;
  if (roster === null) return [];
  const [waiting, later] = await Promise.all([waitingFor(ports, person), ports.register.facet(LATER_VOTES, { now })]);
  return attestedBy(roster, link.body).map((body) => ({
    body,
    acts: waiting.forBody(body),
    later: later.get(body) ?? [],
  }));
};

/** `together`: one form can certify several votes; `ticked`: changes on any page of the list. */
interface ShownBody {
  readonly body: string;
  readonly ticked: readonly string[];
  readonly votes: ListSlice<InboxEntry>;
  readonly later: ListSlice<LaterVote>;
  readonly together: boolean;
}

const portionNames = (body: string): { readonly votes: string; readonly later: string } => ({
  votes: `from.${body}`,
  later: `later.${body}`,
});

const idOf = ({ key, change }: PersonalAct): string => changeId(key, change.number);

const choice = (act: PersonalAct, live: boolean, ticked: readonly string[]): Html => {
  const title = untrustedText(act.title);
  if (!live || act.asks === 'override') return html`<h3>${title}</h3>`;
  const checked = ticked.includes(idOf(act)) ? html` checked` : empty;
  const box = html`<input type="checkbox" name="change" value="${idOf(act)}"${checked}>`;
  return html`<h3><label class="pick">${box}<span>${title}</span></label></h3>`;
};

/** Renders an entry. A first day in the past is left out, since it does not restrict a meeting of today. */
const item = (locale: Locale, person: Person, { act, href }: InboxEntry, ticked: readonly string[]): Html => {
  const { words, say, day, zone } = locale;
  const { title, change, asks } = act;
  const id = idOf(act);
  const first = firstVoteDay(act.rules, change, act.rule, zone);
  const missing = kindsMissing(change);
  const open =
    href !== null && html` · <a href="${locale.href(href)}">${words.inbox.open}${visuallyHidden(untrustedText(title))}</a>`;
  return html`
<li class="card">${choice(act, person.live, ticked)}<p class="eyebrow">${turnClock(locale, act.until)}</p>
${first > localDateOf(person.now, zone) && html`<p>${say(words.decide.meetingFrom, { day: day(first) })}</p>`}
${asks === 'override' && html`<p>${words.desk.second}</p>`}
${missing.length > 0 && html`<p class="note">${say(words.change.missing, { kinds: documentKinds(locale, missing) })}</p>`}
<p class="fine">${changeLink(locale, id)}${open}</p></li>`;
};

const laterList = (context: Context, locale: CityLocale, { body, later }: ShownBody): Html => {
  const { words, say } = locale;
  if (later.items.length === 0) return empty;
  const items = later.items.map(({ key, title, change, rules, rule }) => {
    const after = say(words.approvalPath.afterOthers, { bodies: bodiesBefore(locale, rule, rules) });
    return html`<li>${changeLink(locale, changeId(key, change.number), untrustedText(title))} <small>${after}</small></li>`;
  });
  return html`<h3>${words.desk.later}</h3><ul class="plain">${items}</ul>${moreLink(context, locale, portionNames(body).later, later)}`;
};

const tickButtons = (context: Context, { words, count, href }: Locale, { body, votes, ticked, together }: ShownBody): Html => {
  const { desk } = words;
  const here = deskPath(context);
  const to = (name: string, value: number, label: string): Html =>
    html`<button type="submit" class="quiet" formaction="${here}#body-${body}" name="${name}" value="${value}">${label}</button> `;
  const from = portionNames(body).votes;
  const others = ticked.filter((id) => votes.items.every(({ act }) => idOf(act) !== id));
  const parts = html`${together && to('all', votes.from, desk.all)}${
    votes.from !== 0 && to(from, Math.max(0, votes.from - TOGETHER_MAX), desk.previous)
  }${votes.next !== null && to(from, votes.next, words.more)}`;
  const elsewhere = others.length > 0 && html`<p class="fine">${count(desk, 'tickedElsewhere', others.length)}</p>`;
  const withTicked = html`<p class="buttons"><button type="submit">${desk.together}</button>
<button type="submit" class="quiet" formaction="/packet">${desk.packet}</button>
<button type="submit" class="quiet" formmethod="post" formaction="${href(`${here}/agenda`)}">${desk.sendAgenda}</button></p>`;
  return html`${others.map((id) => hidden('change', id))}${elsewhere}
<p class="buttons">${parts}</p>${together && withTicked}`;
};

const bodySection = (context: Context, locale: CityLocale, person: Person, desk: ShownBody): Html => {
  const { words, say, count } = locale;
  const { body, votes, ticked } = desk;
  const items = votes.items.map((each) => item(locale, person, each, ticked));
  const below = person.live ? tickButtons(context, locale, desk) : moreLink(context, locale, portionNames(body).votes, votes);
  const isPart = votes.items.length < votes.total;
  const form = html`${isPart && html`<p>${count(words.inbox, 'waits', votes.total)}</p>`}
<form method="get" action="${deskPath(context)}/consent">${locale.langField}${hidden('body', body)}
<ul class="plain waits">${items}</ul>${below}</form>`;
  return html`
<section aria-labelledby="body-${body}"><h2 id="body-${body}">${say(words.desk.body, bodySlotsOf(locale, body))}</h2>
${items.length === 0 ? html`<p>${words.desk.nothing}</p>` : form}${laterList(context, locale, desk)}</section>`;
};

/** A person whose links the clerk may cut off. `generation`: as this page saw it; `unreached`: the last mail bounced. */
interface Official {
  readonly id: string;
  readonly body: string;
  readonly seat: string;
  readonly generation: number;
  readonly unreached: boolean;
}

const officialsOf = (
  roster: Roster,
  office: string,
  { at, zone }: LocalMoment,
): readonly Omit<Official, 'generation' | 'unreached'>[] => {
  const bodies = [...attestedBy(roster, office), office];
  const terms = roster.holders.filter((term) => bodies.includes(term.body) && (endOfTerm(term, zone) ?? at) >= at);
  return [...new Map(terms.map(({ id, body, seat }) => [id, { id, body, seat }])).values()];
};

const row = (context: Context, locale: CityLocale, official: Official): Html => {
  const { words, say } = locale;
  const { officials } = words.desk;
  const { id, body, seat, generation, unreached } = official;
  const name = holderName(locale, id);
  const place = html`<small>${seatInBody(locale, body, seat)}</small>`;
  const whose = html`<span class="visually-hidden"> ${say(officials.of, { name })}</span>`;
  const button = (action: 'reissue' | 'revoke', quiet: boolean): Html =>
    html`<button type="submit" name="action" value="${action}"${quiet && html` class="quiet"`}>${officials[action]}${whose}</button>`;
  return html`
<li><form method="post" action="${locale.href(`${deskPath(context)}/links`)}"><p><b>${name}</b> ${place}</p>
${unreached && html`<p>${say(officials.unreached, { name })}</p>`}
${hidden('holder', id)}${hidden('generation', String(generation))}${requiredCheckbox(say(officials.sure, { name }))}
<p class="buttons">${button('reissue', false)} ${button('revoke', true)}</p></form></li>`;
};

const officialsSection = (context: Context, locale: CityLocale, person: Person, officials: readonly Official[]): Html => {
  const { words, say } = locale;
  const { heading, lead, operator } = words.desk.officials;
  if (!person.live) return empty;
  return html`
<details class="officials"><summary>${heading}</summary><p>${lead}</p>
<ul class="plain">${officials.map((each) => row(context, locale, each))}</ul>
<p class="fine">${say(operator, { command: html`<code>aldergate link reissue HOLDER</code>` })}</p></details>`;
};

/** Returns the clerk. Rejects everyone else with 404, so that the desk does not reveal which links exist. */
const clerkOf = async (deps: LinkDeps, context: Context): Promise<Person> => {
  const person = await readPerson(deps, await anyLinkOf(deps, context));
  if (person.roster === null || !person.holds || !attests(person.roster, person.link.body))
    throw refused('not-found', { detail: 'the holder of this link certifies no votes today' });
  return person;
};

/** Returns which acts are recorded, from the commits: lists may lag, and an address proves nothing. */
const recordedNow = async (
  deps: LinkDeps,
  changes: readonly string[],
  { link }: Person,
  file: string,
): Promise<readonly string[]> => {
  if (file === '') return [];
  const found = await Promise.all(
    changes.slice(0, TOGETHER_MAX).map(async (id) => {
      const { acts = [] } = (await readNamedChange(deps.ports, id))?.view ?? {};
      return acts.some((act) => act.type === 'VoteCertified' && act.holder === link.holder && act.fileNumber === file)
        ? [id]
        : [];
    }),
  );
  return found.flat();
};

const doneNote = (text: Html): Html => html`<p class="note done" role="status">${text}</p>`;

const recordedNote = ({ words, say, list }: Locale, file: string, recorded: readonly string[]): Html =>
  recorded.length === 0 ? empty : doneNote(html`${say(words.desk.recorded, { file: untrustedText(file) })} ${list(recorded)}`);

const agendaNote = (locale: CityLocale, context: Context): Html => {
  const [sent, before] = [context.req.query('agenda'), context.req.query('agendaBefore')];
  const body = sent ?? before;
  if (body === undefined || bodyOf(locale.roster, body) === undefined) return empty;
  const { words, say } = locale;
  const [text, note] = sent === undefined ? [words.desk.agendaBefore, 'note'] : [words.desk.agendaSent, 'note done'];
  return html`<p class="${note}" role="status">${say(text, bodySlotsOf(locale, body))}</p>`;
};

/** Renders what became of a person's links, from the current roster: a form opened before new links were made cuts none of these off. */
const linksNote = (locale: CityLocale, context: Context, { rosters }: Person): Html => {
  const { cutOff: stopped, done } = locale.words.desk.officials;
  const holder = context.req.query('links') ?? '';
  if (linkGenerationOf(rosters, holder) === 1) return empty;
  const cut = locale.say(stopped, { name: holderName(locale, holder) });
  return doneNote(html`${cut}${!isRevoked(rosters, holder) && html` ${done}`}`);
};

export const deskPage = async (deps: LinkDeps, context: Context, person: Person): Promise<Response> => {
  const { ports } = deps;
  const { link, today } = person;
  const locale = localeOfPerson(context, person);
  const file = context.req.query('file') ?? '';
  const changes = (context.req.queries('change') ?? []).slice(0, TICKED_MAX);
  const recorded = await recordedNow(deps, changes, person, file);
  const desk = await deskOf(ports, person);
  const bodies = await Promise.all(
    desk.map(async ({ body, acts, later }): Promise<ShownBody> => {
      const names = portionNames(body);
      const isMine = context.req.query('body') === body;
      const all = isMine && context.req.query('all') !== undefined;
      // The list may lag behind what was just recorded.
      const left = (from: number, upTo: number) =>
        acts.slice(from, upTo + recorded.length).filter((act) => !recorded.includes(idOf(act)));
      const listed = { length: acts.length, slice: (from: number, upTo: number) => left(from, upTo).slice(0, upTo - from) };
      const votes = listSlice(context, all ? 'all' : names.votes, listed, TOGETHER_MAX);
      const waiting = votes.items;
      const items = await inboxEntries(deps, person, waiting);
      const asked = isMine ? changes.filter((id) => changeNamed(id) !== undefined && !recorded.includes(id)) : [];
      const ticked = [...new Set([...asked, ...(all ? waiting.map(idOf) : [])])];
      const shown = { votes: { ...votes, items }, later: listSlice(context, names.later, later) };
      return { body, ...shown, ticked, together: acts.some('decide') };
    }),
  );
  const officials = await Promise.all(
    officialsOf(locale.roster, link.body, today).map(async (official) => ({
      ...official,
      generation: linkGenerationOf(person.rosters, official.id),
      unreached: (await bounceOf(ports.sideStore, official.id)) !== undefined,
    })),
  );
  const { words } = locale;
  const notes = html`${recordedNote(locale, file, recorded)}${linksNote(locale, context, person)}${agendaNote(locale, context)}`;
  return render(context, locale, {
    title: plainText(notes).trim() || words.desk.title,
    body: html`
<h1>${words.desk.title}</h1><p class="lead">${words.desk.lead}</p>${person.live ? empty : html`<p class="note">${words.linkIsOver}</p>`}
${notes}
${bodies.map((body) => bodySection(context, locale, person, body))}${officialsSection(context, locale, person, officials)}
${ownNav(locale, [
  [`${linkPath(context)}/inbox`, words.inbox.heading],
  ['/rules#officials', words.rules.who],
])}`,
  });
};

/** Cuts off a person's links at once; with `reissue`, new ones are mailed. */
export const cutOff = async (deps: LinkDeps, context: Context, { link, rosters }: Person): Promise<Response> => {
  const { ports } = deps;
  const input = await readFields(context, ports.url, ['holder', 'generation', 'action']);
  const [holder, generation, action] = [oneOf(input, 'holder'), oneOf(input, 'generation'), oneOf(input, 'action')];
  if (holder === '') throw badField('/holder', 'names no person', 'invalid-form');
  if (action !== 'reissue' && action !== 'revoke') throw badField('/action', 'is not reissue or revoke', 'invalid-form');
  // A smaller generation is of links that are already cut off.
  if (!/^[1-9][0-9]{0,8}$/.test(generation) || Number(generation) > linkGenerationOf(rosters, holder))
    throw badField('/generation', 'is not of the links of this person', 'invalid-form');
  const by = { holder: link.holder, body: link.body, seat: link.seat };
  const done = await cutOffLinksOf(ports, { holder, by, reissued: action === 'reissue', seen: Number(generation) });
  if (!done.ok) throw refusedBy(done.rejection);
  return seeOther(context, `${deskPath(context)}?links=${encodeURIComponent(holder)}`);
};

type ClerkWork = (deps: LinkDeps, context: Context, person: Person) => Promise<Response>;

export const forClerk =
  (work: ClerkWork): PageHandler<LinkDeps> =>
  async (deps, context) =>
    work(deps, context, await clerkOf(deps, context));

export const forActingClerk = (work: ClerkWork): PageHandler<LinkDeps> =>
  forClerk((deps, context, person) => {
    if (!person.live) throw refused('not-in-office', { detail: 'this link belongs to something that is over', status: 409 });
    return work(deps, context, person);
  });

export const agendaPost = async (deps: LinkDeps, context: Context, person: Person): Promise<Response> => {
  const { ports } = deps;
  const { roster, link, now } = person;
  const input = await readFields(context, ports.url, ['lang', 'body', 'change'], ['change']);
  const [body, changes] = [oneOf(input, 'body'), [...new Set(input.get('change') ?? [])].sort()];
  if (roster === null || !attestedBy(roster, link.body).includes(body))
    throw badField('/body', 'is not a body that you serve', 'invalid-form');
  if (changes.length === 0 && wantsPage(context)) return nothingTicked(deps, context, person);
  if (changes.length === 0 || changes.length > TOGETHER_MAX)
    throw badField('/change', `names no change, or more than ${TOGETHER_MAX}`, 'invalid-form');
  const votes = await Promise.all(
    changes.map(async (id) => {
      const reading = await readNamedChange(ports, id);
      return reading?.view.requirements.some((each) => each.body === body && each.instrument === 'certification') === true;
    }),
  );
  if (votes.includes(false)) throw badField('/change', `names one that needs no vote of ${body}`, 'invalid-form');
  const note = (await orderAgenda(ports, body, { at: now, changes })) ? 'agenda' : 'agendaBefore';
  return seeOther(context, `${deskPath(context)}?${new URLSearchParams([[note, body]])}`);
};
