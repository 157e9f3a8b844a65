import type { Context } from 'hono';
import { changeId } from '../../../../../domain/feature/keys.ts';
import type { ActView } from '../../../../../domain/feature/view.ts';
import { attests } from '../../../../../domain/roster/attest.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import type { PersonalAct } from '../../../../register/waitingActs.ts';
import { hidden } from '../../forms/field.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import { linkPath } from '../../links/link.ts';
import type { Person } from '../../links/person.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, roleName } from '../../names.ts';
import { type HtmlPage, linkIn } from '../../page.ts';
import { timeLeft } from '../../parts/clock.ts';
import { type Portion, restLink } from '../../parts/portion.ts';
import type { latelyBy, OwnRollback, rosterWaitingFor } from './read.ts';

/** Something that waits, with its person's link; null if none was made yet, or this page may not lead to it. */
export interface InboxEntry {
  readonly act: PersonalAct;
  readonly href: string | null;
}

/** Everything the page shows. `count`: how many acts wait in all. */
export interface Inbox {
  readonly person: Person;
  readonly count: number;
  readonly shown: Portion<InboxEntry>;
  readonly roster:
    | { readonly target: NonNullable<Awaited<ReturnType<typeof rosterWaitingFor>>>; readonly href: string | null }
    | undefined;
  readonly rollbacks: readonly (OwnRollback & { readonly href: string | null })[];
  readonly lately: Awaited<ReturnType<typeof latelyBy>>;
}

/** Renders the fields that name the decision in a request for its link. */
const targetFields = ({ key, change, rule, who }: PersonalAct): Html =>
  html`${hidden('change', changeId(key, change.number))}${hidden('requirement', rule.id)}${hidden('seat', who.seat)}`;

const way = (context: Context, { words }: Locale, { live }: Person, label: Html, href: string | null, fields: Html): Html => {
  if (!live) return empty;
  const { pathname } = new URL(context.req.url);
  return href === null
    ? html`<form method="post" action="${linkIn(context, pathname)}">${fields}<button type="submit">${words.inbox.open}<span class="visually-hidden">: ${label}</span></button></form>`
    : html`<p><a class="go" href="${linkIn(context, href)}">${words.inbox.open}<span class="visually-hidden">: ${label}</span></a></p>`;
};

const asked = ({ words, say, bodySlots }: Locale, { roster }: Person, { rule, asks, change }: PersonalAct): Html => {
  const { asks: decides, confirm, override, disputed } = words.inbox;
  const text =
    asks === 'confirm'
      ? confirm
      : change.confirmation?.disputed === true
        ? disputed
        : asks === 'override'
          ? override
          : decides[rule.instrument];
  return say(text, { ...bodySlots(bodyName(roster, rule.body)) });
};

const item = (context: Context, locale: Locale, person: Person, { act, href }: InboxEntry): Html => {
  const { words, say, deadline, dateTime } = locale;
  const { key, change, who } = act;
  const title = foreign(act.title);
  const seat = roleName(locale, person.roster, who.body, who.seat);
  const clock =
    act.until === null
      ? html`${words.inbox.noEnd}`
      : html`${say(words.inbox.until, { when: deadline(act.until) })}. ${timeLeft(locale, act.until)}`;
  const from =
    change.from === null || change.from <= person.now ? empty : html` ${say(words.inbox.from, { when: dateTime(change.from) })}`;
  return html`
<li class="card"><p class="eyebrow">${clock}${from}</p><h2>${title}</h2>
<p>${asked(locale, person, act)}. <small>${say(words.inbox.as, { seat })} · <code>${key}/${change.number}</code></small></p>${way(context, locale, person, title, href, targetFields(act))}</li>`;
};

const rosterItem = (context: Context, locale: Locale, { person, roster }: Inbox): Html => {
  const { words } = locale;
  if (roster === undefined) return empty;
  const fields = hidden('roster', roster.target.sha256);
  return html`
<li class="card"><h2>${words.inbox.roster}</h2><p>${words.inbox.rosterAsk}</p>${way(context, locale, person, html`${words.inbox.roster}`, roster.href, fields)}</li>`;
};

const rollbackItems = (context: Context, locale: Locale, { person, rollbacks }: Inbox): Html => {
  const { words } = locale;
  return html`${rollbacks.map(({ key, n, title, href }) => {
    const id = changeId(key, n);
    return html`
<li class="card"><h2>${foreign(title)}</h2><p>${words.decide.rollback.title} <small><code>${id}</code></small></p>${way(context, locale, person, foreign(title), href, hidden('rollback', id))}</li>`;
  })}`;
};

const did = ({ words, say, number }: Locale, { roster }: Person, act: ActView, requirementBody: string): Html => {
  if (act.type === 'VoteCertified') {
    const { yes, no, needed } = act.tally;
    const slots = { body: bodyName(roster, requirementBody), yes: number(yes), no: number(no), needed: number(needed) };
    return say(words.act.certified, slots);
  }
  return act.type === 'ApprovalRevoked' ? html`${words.status.revoked}` : html`${words.act[act.decision]}`;
};

const lately = (context: Context, locale: Locale, { person, lately: acts }: Inbox): Html => {
  const { words, dateTime } = locale;
  if (acts.length === 0) return html`<p>${words.inbox.noneLately}</p>`;
  return html`<ol class="plain">${acts.map(({ view, act }) => {
    const body = view.requirements.find(({ id }) => id === act.requirement)?.body ?? act.requirement;
    return html`
<li><a href="${linkIn(context, `/changes/${view.key}/${view.number}`)}">${foreign(latestOf(view).notice.title)}</a>: ${did(locale, person, act, body)}<br><small><time datetime="${act.at}">${dateTime(act.at)}</time> · <code>${view.key}/${view.number}</code></small></li>`;
  })}</ol>`;
};

/** Renders what waits for one person, soonest first, and what they decided lately. Decides nothing. */
export const inboxPage = (context: Context, locale: Locale, inbox: Inbox): HtmlPage => {
  const { words, count } = locale;
  const { person, shown, roster } = inbox;
  const waits = inbox.count + (roster === undefined ? 0 : 1) + inbox.rollbacks.length;
  const note = person.holds
    ? person.live
      ? empty
      : html`<p class="note">${words.inbox.past}</p>`
    : html`<p class="note">${words.inbox.notHolding}</p>`;
  const cards = shown.items.map((entry) => item(context, locale, person, entry));
  const list = html`<ul class="plain waits">${cards}${rosterItem(context, locale, inbox)}${rollbackItems(context, locale, inbox)}</ul>${restLink(context, locale, 'from', shown)}`;
  const own = linkIn(context, linkPath(context));
  const clerk = person.roster !== null && attests(person.roster, person.link.body);
  const desk = linkIn(context, `${linkPath(context)}/desk`);
  return {
    title: words.inbox.title,
    body: html`
<h1>${words.inbox.heading}</h1><p class="lead">${waits === 0 ? words.inbox.nothing : html`${count(words.inbox, 'waits', waits)} ${words.inbox.lead}`}</p>${note}
${waits === 0 ? empty : list}
<h2>${words.inbox.lately}</h2>${lately(context, locale, inbox)}
<nav aria-label="${words.decide.mine}"><ul class="plain own"><li><a href="${own}">${words.inbox.back}</a></li>${
      clerk ? html`<li><a href="${desk}">${words.inbox.desk}</a></li>` : empty
    }</ul></nav>`,
  };
};
