import type { Context } from 'hono';
import { actOpens, askedActs } from '../../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../../domain/feature/due.ts';
import { changeId } from '../../../../domain/feature/keys.ts';
import { findChange } from '../../../../domain/feature/state.ts';
import type { ActView, ChangeView } from '../../../../domain/feature/view.ts';
import { ascending } from '../../../../domain/kernel/order.ts';
import { attests } from '../../../../domain/roster/bodies.ts';
import { awaitsAnswerOf, confirmersOf, proposalLapses } from '../../../../domain/roster/confirm.ts';
import { withLateness } from '../../../gate/feature.ts';
import { type LinkTarget, makeLink, peopleWhoCanAct, rollbackConfirmersFor } from '../../../gate/links.ts';
import { readRules } from '../../../gate/rules.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { ACTED_MAX } from '../../../register/documents.ts';
import { readChange, readNamedChange } from '../../../register/project.ts';
import { ACTED } from '../../../register/rows.ts';
import { latestOf } from '../../../register/views/changeJson.ts';
import { type PersonalAct, PersonalActs, ROLLBACKS, WAITING_ACTS, type WaitingRollback } from '../../../register/waiting.ts';
import { refused } from '../../http/problems.ts';
import type { LinkDeps, SitePorts } from '../deps.ts';
import { errorSummary, type FormState, fieldId, hidden, type Input, oneOf, radios, readFields, textArea } from '../forms.ts';
import { empty, type Html, html, untrustedText, visuallyHidden } from '../html.ts';
import { anyLinkOf, hrefsFor, linkPath, type Person, readPerson, withKey } from '../links.ts';
import { bodyName, type CityLocale, type Locale, roleName } from '../locale.ts';
import { type HtmlPage, localeOfPerson, ownNav, render, seeOther } from '../page.ts';
import { askedText, decidedText, openingText, timeLeft } from '../parts/approvalPath.ts';
import { type ListSlice, listSlice, moreLink } from '../query.ts';

export const waitingFor = async (ports: SitePorts, { roster, link, now, today }: Person): Promise<PersonalActs> => {
  const waiting = await ports.register.facet(WAITING_ACTS, { now });
  return PersonalActs.of(waiting, link.holder, roster, today);
};

interface NamedAct {
  readonly change: string;
  readonly requirement: string;
  readonly seat: string;
}

const targetOf = ({ key, change, rule, who }: Pick<PersonalAct, 'key' | 'change' | 'rule' | 'who'>): LinkTarget => ({
  purpose: 'decide',
  holder: who.holder.id,
  body: who.body,
  seat: who.seat,
  requirement: rule.id,
  key,
  n: change.number,
  revision: change.revision,
});

/** Returns the named act, strongly consistent; undefined if it does not wait for the person in that seat. */
const targetNamed = async (
  ports: SitePorts,
  { roster, link, now, today }: Person,
  { change: id, requirement, seat }: NamedAct,
): Promise<LinkTarget | undefined> => {
  const reading = await readNamedChange(ports, id);
  if (reading === undefined || roster === null) return undefined;
  const { key, number } = reading.view;
  const state = advanceTo(reading.state, now);
  const change = findChange(state, number);
  const asked = change === undefined ? undefined : askedActs(state, change).find(({ rule }) => rule.id === requirement);
  if (change === undefined || asked === undefined) return undefined;
  const who = peopleWhoCanAct(asked.actors, roster, today).find((each) => each.holder.id === link.holder && each.seat === seat);
  return who === undefined ? undefined : targetOf({ key, change, rule: asked.rule, who });
};

const rosterWaitingFor = async (
  { store }: Pick<SitePorts, 'store'>,
  { rosters, link, today: when }: Person,
): Promise<RosterTarget | undefined> => {
  const { inForce, proposal } = rosters;
  if (inForce === null || proposal === null) return undefined;
  const rules = { policy: (await readRules({ store })).policy?.policy ?? null, inForce };
  const who = confirmersOf(rules, proposal, when).find(
    (each) => each.holder === link.holder && awaitsAnswerOf(rules, proposal, { ...each, when }),
  );
  return who && { purpose: 'confirm-roster', ...who, sha256: proposal.sha256 };
};
type RosterTarget = Extract<LinkTarget, { purpose: 'confirm-roster' }>;

interface OwnRollback extends WaitingRollback {
  readonly target: LinkTarget;
}

/** Returns the rollbacks that a person may confirm and has not; may lag. */
const rollbacksFor = async (ports: SitePorts, { roster, link, now, today }: Person): Promise<readonly OwnRollback[]> => {
  const waiting = (await ports.register.facet(ROLLBACKS, { now })).get('') ?? [];
  if (waiting.length === 0 || roster === null) return [];
  const policy = (await readRules(ports)).policy?.policy ?? null;
  return waiting.flatMap((each) => {
    const { key, n, revision, row } = each;
    const who = rollbackConfirmersFor(advanceTo(row.state, now), n, { policy, roster }, today);
    const own = who.find(({ holder }) => holder.id === link.holder);
    if (own === undefined) return [];
    const { body, seat } = own;
    return [{ ...each, target: { purpose: 'confirm-rollback', holder: link.holder, body, seat, key, n, revision } }];
  });
};

interface Did {
  readonly view: ChangeView;
  readonly act: ActView;
}

const targetOfAct = ({ link: { body } }: Person, { view, act }: Did): LinkTarget => {
  const { holder, seat, requirement } = act;
  const revision = 'revision' in act ? act.revision : latestOf(view).revision;
  return { purpose: 'decide', holder, body, seat, requirement, key: view.key, n: view.number, revision };
};

const newestActFirst = (a: Did, b: Did): number => ascending(b.act.at, a.act.at);

/** Returns a person's latest acts, newest first, however much else happened since. May lag. */
const latelyBy = async (ports: SitePorts, holder: string, now: string): Promise<readonly Did[]> => {
  const changes = (await ports.register.facet(ACTED, { now })).get(holder)?.slice(0, ACTED_MAX) ?? [];
  const found = await Promise.all(changes.map(({ key, n }) => ifReadable(readChange(ports, key, n))));
  return found
    .flatMap((reading) => reading?.view.acts.flatMap((act) => (act.holder === holder ? [{ view: reading.view, act }] : [])) ?? [])
    .toSorted(newestActFirst)
    .slice(0, ACTED_MAX);
};

export interface InboxEntry {
  readonly act: PersonalAct;
  readonly href: string | null;
}

export const inboxEntries = async (
  deps: LinkDeps,
  person: Person,
  acts: readonly PersonalAct[],
): Promise<readonly InboxEntry[]> => {
  const [published, hrefOf] = [withLateness(deps.ports), await hrefsFor(deps, person)];
  const entry = async (act: PersonalAct): Promise<InboxEntry> => ({
    act: { ...act, change: await published(act.key, act.change) },
    href: await hrefOf(targetOf(act)),
  });
  return Promise.all(acts.map(entry));
};

interface Inbox {
  readonly person: Person;
  readonly count: number;
  readonly shown: ListSlice<InboxEntry>;
  readonly roster: { readonly target: RosterTarget; readonly href: string | null; readonly lapses: string } | undefined;
  readonly rollbacks: readonly (OwnRollback & { readonly href: string | null })[];
  readonly lately: readonly (Did & { readonly href: string | null })[];
}

const targetFields = ({ key, change, rule, who }: PersonalAct): Html =>
  html`${hidden('change', changeId(key, change.number))}${hidden('requirement', rule.id)}${hidden('seat', who.seat)}`;

/** A waiting act and the way to it: an existing link, else a form that makes one. */
interface Card {
  readonly title: Html;
  readonly clock?: Html;
  readonly text: Html;
  readonly box?: Html;
  readonly href: string | null;
  readonly fields: Html;
}

const cardOf = (context: Context, locale: Locale, { live }: Person, { title, clock, text, box, href, fields }: Card): Html => {
  const open = html`${locale.words.inbox.open}${visuallyHidden(title)}`;
  const way =
    href === null
      ? html`<form method="post" action="${locale.href(context.req.path)}">${fields}<button type="submit">${open}</button></form>`
      : html`<p><a class="go" href="${locale.href(href)}">${open}</a></p>`;
  return html`
<li class="card"><h2>${title}</h2>${clock && html`<p class="eyebrow">${clock}</p>`}<p>${text}</p>
${box}${live && way}</li>`;
};

/** The id of the form that decides several at once. It is below the list; its checkboxes are at their entries. */
const TOGETHER = 'together';

/** Reports whether an act can be decided with others: a signature of this seat, open now, on standing terms. */
const joins = ({ link, live, now }: Person, { asks, rule, change, who }: PersonalAct): boolean =>
  live &&
  link.purpose === 'decide' &&
  asks === 'decide' &&
  rule.instrument === 'signature' &&
  who.body === link.body &&
  who.seat === link.seat &&
  change.terms !== null &&
  (change.from === null || change.from <= now);

/** Renders a checkbox. `isFirst`: an error about all of them links to it. */
const tick = ({ words }: Locale, { key, change, title }: PersonalAct, { input, prefix }: FormState, isFirst: boolean): Html => {
  const id = changeId(key, change.number);
  const value = [id, change.revision, change.digest, change.terms, change.pin].join(';');
  const checked = input.get('change')?.includes(value) ? html` checked` : empty;
  const own = isFirst && html` id="${fieldId(prefix, 'change')}"`;
  const box = html`<input type="checkbox"${own} form="${prefix}" name="change" value="${value}"${checked}>`;
  const text = html`${words.inbox.together.tick}${visuallyHidden(untrustedText(title))}`;
  return html`
<p><label class="pick">${box}<span>${text}</span></label></p>`;
};

const togetherForm = (context: Context, locale: Locale, form: FormState): Html => {
  const { words } = locale;
  const { heading, lead, legend, next } = words.inbox.together;
  const { sign, refuse, comment, commentHint, reviewFirst } = words.decide.form;
  const choices = [
    { value: 'approve', label: sign },
    { value: 'refuse', label: refuse },
  ];
  const action = locale.href(`${linkPath(context)}/together/review`);
  return html`
<form class="card" id="${form.prefix}" method="post" action="${action}" aria-labelledby="several">
<h2 id="several">${heading}</h2><p>${lead}</p>${radios(locale, form, 'decision', legend, choices)}
${textArea(locale, form, 'comment', { label: comment, hint: commentHint })}
<p class="hint">${reviewFirst}</p><p><button type="submit">${next}</button></p></form>`;
};

export const turnClock = (locale: Locale, until: string | null): Html => {
  const { words, say, deadline } = locale;
  if (until === null) return html`${words.inbox.noEnd}`;
  const end = say(words.inbox.until, { when: deadline(until) });
  return html`${end}. ${timeLeft(locale, until)}`;
};

const actCard = (locale: CityLocale, { act, href }: InboxEntry, box: Html): Card => {
  const { words, say } = locale;
  const { key, change, rules, rule, asks, who, isFix } = act;
  const seat = roleName(locale, who.body, who.seat);
  const begins = asks === 'confirm' ? undefined : actOpens(rules, change, rule, locale);
  const from = begins === undefined ? empty : html` ${say(words.inbox.from, { when: openingText(locale, begins) })}`;
  return {
    title: untrustedText(act.title),
    clock: html`${turnClock(locale, act.until)}${from}`,
    text: html`${askedText(locale, asks, rule, change, isFix)} <small>${say(words.inbox.as, { seat })} · <code>${key}/${change.number}</code></small>`,
    box,
    href,
    fields: targetFields(act),
  };
};

const rosterCard = (locale: Locale, { target, href, lapses }: NonNullable<Inbox['roster']>): Card => {
  const { roster, rosterAsk } = locale.words.inbox;
  const clock = turnClock(locale, lapses);
  return { title: html`${roster}`, clock, text: html`${rosterAsk}`, href, fields: hidden('roster', target.sha256) };
};

const rollbackCard = ({ words }: Locale, { key, n, of, title, href }: Inbox['rollbacks'][number]): Card => {
  const id = changeId(key, n);
  const { heading } = words.decide[of === 'opt-out' ? 'optOut' : 'rollback'];
  const text = html`${heading} <small><code>${id}</code></small>`;
  return { title: untrustedText(title), text, href, fields: hidden('rollback', id) };
};

/** Renders a past act, with a link to the person's own page, where it can be corrected or switched off, else to the public page. */
const didItem = (locale: CityLocale, { view, act, href }: Did & { readonly href: string | null }): Html => {
  const { words, day } = locale;
  const id = changeId(view.key, view.number);
  const body = view.requirements.find((each) => each.id === act.requirement)?.body ?? act.requirement;
  const link = html`<a href="${locale.href(href ?? `/changes/${id}`)}">${untrustedText(latestOf(view).notice.title)}</a>`;
  const decided = decidedText(locale, act, bodyName(locale, body));
  const note =
    act.type === 'VoteCertified'
      ? html`${words.decide.certify.fileNumber} ${untrustedText(act.fileNumber)} · ${day(act.meetingDate)}`
      : locale.time(act.at);
  return html`
<li>${link}: ${decided}<br><small>${note} · <code>${id}</code></small></li>`;
};

const lately = (locale: CityLocale, { lately: acts }: Inbox): Html | false =>
  acts.length > 0 && html`<h2>${locale.words.inbox.lately}</h2><ol class="plain">${acts.map((did) => didItem(locale, did))}</ol>`;

type Sent = Pick<FormState, 'input' | 'faults'>;

const pageOf = (context: Context, locale: CityLocale, inbox: Inbox, sent: Sent): HtmlPage => {
  const { words, count } = locale;
  const { person, shown, roster } = inbox;
  const waits = inbox.count + (roster === undefined ? 0 : 1) + inbox.rollbacks.length;
  const note = !person.live && html`<p class="note">${person.holds ? words.linkIsOver : words.inbox.notHolding}</p>`;
  const form = { ...sent, prefix: TOGETHER };
  const joined = shown.items.filter(({ act }) => joins(person, act));
  const several = joined.length > 1;
  const cards = shown.items.map((entry) => {
    const box = several && joined.includes(entry) ? tick(locale, entry.act, form, entry === joined[0]) : empty;
    return actCard(locale, entry, box);
  });
  const sooner = shown.items.filter(({ act: { until } }) => until !== null && until <= (roster?.lapses ?? until)).length;
  const proposed = roster === undefined ? [] : [rosterCard(locale, roster)];
  const rollbacks = inbox.rollbacks.map((each) => rollbackCard(locale, each));
  const all = [...cards.slice(0, sooner), ...proposed, ...cards.slice(sooner), ...rollbacks];
  const list = html`<ul class="plain waits">${all.map((each) => cardOf(context, locale, person, each))}</ul>
${moreLink(context, locale, 'from', shown)}`;
  const lead = waits === 0 ? words.inbox.nothing : html`${count(words.inbox, 'waits', waits)} ${words.inbox.lead}`;
  const own = linkPath(context);
  const clerk = person.roster !== null && attests(person.roster, person.link.body);
  return {
    title: words.inbox.heading,
    status: sent.faults.length === 0 ? 200 : 422,
    body: html`${errorSummary(locale, form, several ? ['change', 'decision', 'comment'] : [], [])}
<h1>${words.inbox.heading}</h1><p class="lead">${lead}</p>${note}
${waits !== 0 && list}${several && togetherForm(context, locale, form)}
${lately(locale, inbox)}
${ownNav(locale, [[own, words.inbox.back], ...(clerk ? [[`${own}/desk`, words.desk.title] as const] : [])])}`,
  };
};

export const inboxPage = async (
  deps: LinkDeps,
  context: Context,
  sent: Sent = { input: new Map(), faults: [] },
): Promise<Response> => {
  const { ports } = deps;
  const person = await readPerson(deps, await anyLinkOf(deps, context));
  const locale = localeOfPerson(context, person);
  const hrefOf = await hrefsFor(deps, person);
  const acts = person.holds ? await waitingFor(ports, person) : undefined;
  const portion = listSlice(context, 'from', acts ?? []);
  const target = person.holds ? await rosterWaitingFor(ports, person) : undefined;
  const { proposal } = person.rosters;
  const roster =
    target === undefined || proposal === null
      ? undefined
      : { target, href: await hrefOf(target), lapses: proposalLapses(proposal, person.zone) };
  const own = person.holds ? await rollbacksFor(ports, person) : [];
  const rollbacks = await Promise.all(own.map(async (each) => ({ ...each, href: await hrefOf(each.target) })));
  const [entries, did] = await Promise.all([
    inboxEntries(deps, person, portion.items),
    latelyBy(ports, person.link.holder, person.now),
  ]);
  const lately = await Promise.all(did.map(async (each) => ({ ...each, href: await hrefOf(targetOfAct(person, each)) })));
  return render(
    context,
    locale,
    pageOf(
      context,
      locale,
      { person, count: acts?.length ?? 0, shown: { ...portion, items: entries }, roster, rollbacks, lately },
      sent,
    ),
  );
};

const FIELDS = ['change', 'requirement', 'seat', 'roster', 'rollback'];

const chosen = async (deps: LinkDeps, person: Person, input: Input): Promise<LinkTarget | undefined> => {
  const sha256 = oneOf(input, 'roster');
  if (sha256 !== '') {
    const target = await rosterWaitingFor(deps.ports, person);
    return target?.sha256 === sha256 ? target : undefined;
  }
  const rollback = oneOf(input, 'rollback');
  if (rollback !== '')
    return (await rollbacksFor(deps.ports, person)).find(({ key, n }) => changeId(key, n) === rollback)?.target;
  const [change, requirement, seat] = [oneOf(input, 'change'), oneOf(input, 'requirement'), oneOf(input, 'seat')];
  return targetNamed(deps.ports, person, { change, requirement, seat });
};

/** Makes a link that no mail contains yet, such as for a new holder of a seat. Decides nothing. */
export const openFromInbox = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const { ports } = deps;
  const input = await readFields(context, ports.url, FIELDS);
  const person = await readPerson(deps, await anyLinkOf(deps, context));
  const target = person.live ? await chosen(deps, person, input) : undefined;
  if (target === undefined) throw refused('not-found', { detail: 'this does not wait for the person of this link' });
  const token = await makeLink(withKey(deps), target);
  return seeOther(context, `/d/${token}`);
};
