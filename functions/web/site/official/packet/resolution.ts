import { secondVoteFrom } from '../../../../../domain/feature/secondVote.ts';
import { decidableUntil, isOpen } from '../../../../../domain/feature/state.ts';
import type { RequirementView } from '../../../../../domain/feature/view.ts';
import { earliest } from '../../../../../domain/kernel/order.ts';
import { localDateOf, localMoment } from '../../../../../domain/kernel/zone.ts';
import { bodyOf } from '../../../../../domain/policy/seats.ts';
import { Vote } from '../../../../../domain/policy/threshold.ts';
import { latestOf, shownTerms } from '../../../../register/views/changeJson.ts';
import { requirementJson } from '../../../../register/views/requirements.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, seatName } from '../../names.ts';
import { termsList } from '../../parts/terms.ts';
import type { Enclosed, Packet } from './read.ts';

/** The votes that can be marked on paper. */
const VOTES = Vote.exclude(['vacant']).options;

/** Renders a line to write on, with a text for screen readers. */
export const line = ({ words }: Locale, long = false): Html =>
  html`<span class="line${long ? ' long' : ''}"><span class="visually-hidden">${words.packet.blank}</span></span>`;

/** Returns the requirement that a body meets by a vote at a meeting. */
const voteOf = ({ view }: Enclosed, body: string): RequirementView | undefined =>
  view.requirements.find((each) => each.body === body && each.instrument === 'certification');

/** Returns the bodies that vote on any of the changes, in order and without duplicates. */
export const votingBodies = ({ changes }: Packet): readonly string[] => [
  ...new Set(
    changes.flatMap(({ view }) =>
      view.requirements.flatMap(({ body, instrument }) => (instrument === 'certification' ? [body] : [])),
    ),
  ),
];

const filled = (locale: Locale, rows: readonly (readonly [string, boolean])[]): Html =>
  html`<dl class="fill">${rows.map(([label, long]) => html`<div><dt>${label}</dt><dd>${line(locale, long)}</dd></div>`)}</dl>`;

/** Renders the terms, or lines to write them on. */
const termsOf = (locale: Locale, { view }: Enclosed): Html => {
  const { words } = locale;
  const terms = shownTerms(view);
  if (terms !== null) return termsList(locale, terms);
  const { until, audience, conditions } = words.packet;
  return html`${filled(locale, [
    [until, false],
    [audience, true],
    [conditions, true],
  ])}<p class="fine">${words.packet.blankMeans}</p>`;
};

const item = (locale: Locale, each: Enclosed): Html => {
  const { words, say } = locale;
  const latest = latestOf(each.view);
  return html`
<li class="card"><h3>${foreign(latest.notice.title)}</h3><p class="fine"><code>${each.id}</code> · ${say(words.change.revision, { n: latest.revision })}<br>${words.packet.words}: <code>${latest.digest}</code></p>
${each.policy === undefined ? html`<h4>${words.packet.terms}</h4>${termsOf(locale, each)}` : empty}</li>`;
};

/** Renders how many must say yes: once, unless the changes differ. */
const neededText = (locale: Locale, { roster, changes }: Packet, body: string): Html => {
  const { words, count, number, say, list, now, zone } = locale;
  const needs = changes.flatMap((each) => {
    const requirement = voteOf(each, body);
    if (requirement === undefined) return [];
    const { needed, of } = requirementJson(each.view, requirement, { now, zone, roster });
    return [{ id: each.id, needed, of }];
  });
  const [first] = needs;
  if (first === undefined) return empty;
  const same = needs.every(({ needed, of }) => needed === first.needed && of === first.of);
  return same
    ? count(words.decide, 'yesCounts', first.needed, { of: number(first.of) })
    : say(words.packet.different, { list: list(needs.map(({ id, needed, of }) => `${id} ${number(needed)}/${number(of)}`)) });
};

const latest = (days: readonly string[]): string | undefined => days.toSorted().at(-1);

/** Renders from when a meeting counts for all changes, and by when the first must be recorded. */
const clock = (locale: Locale, { changes }: Packet): Html => {
  const { words, say, day, deadline, zone } = locale;
  const open = changes.filter(({ view }) => isOpen(view));
  const from = latest(
    open.flatMap(({ view }) => (view.pinned === null ? [] : [secondVoteFrom(view, zone) ?? localDateOf(view.pinned.from, zone)])),
  );
  const closes = earliest(...open.map(({ view }) => decidableUntil(view)));
  return html`${from === undefined ? empty : html`<li>${say(words.desk.meetingFrom, { day: day(from) })}</li>`}${
    closes === null ? empty : html`<li>${say(words.packet.recordBefore, { when: deadline(closes) })}</li>`
  }`;
};

const rollCall = (locale: Locale, { roster }: Packet, body: string): Html => {
  const { words, say, now, zone } = locale;
  const { certify } = words.decide;
  const today = localMoment(now, zone);
  const seats = (roster === null ? undefined : bodyOf(roster, body)?.seats) ?? [];
  const boxes = VOTES.map(() => html`<td class="box"></td>`);
  return html`
<div class="keep"><h2>${say(words.packet.roll, { ...locale.bodySlots(bodyName(roster, body)) })}</h2>
<table class="sheet"><thead><tr><th scope="col">${words.packet.seat}</th>${VOTES.map((vote) => html`<th scope="col">${certify[vote]}</th>`)}</tr></thead>
<tbody>${seats.map((seat) => html`<tr><th scope="row">${seatName(roster, body, seat, today)}</th>${boxes}</tr>`)}</tbody></table></div>`;
};

/** Renders the draft resolution of one body: what it resolves, on which digests and terms, and a roll call to fill by hand. */
export const resolution = (locale: Locale, packet: Packet, body: string): Html => {
  const { words, say, count, list } = locale;
  const { roster } = packet;
  const changes = packet.changes.filter((each) => voteOf(each, body) !== undefined);
  const vendors = [...new Set(changes.flatMap(({ vendor, policy }) => (policy === undefined ? [vendor] : [])))];
  const name = bodyName(roster, body);
  const own = { ...packet, changes };
  const { moved, seconded, meeting, clerk } = words.packet;
  const isRules = changes.some(({ policy }) => policy !== undefined);
  return html`
<section><h2>${words.packet.draft} ${say(words.packet.of, { ...locale.bodySlots(name) })}</h2>
<p><b>${words.packet.file}</b> ${line(locale)}</p>
${vendors.length === 0 ? empty : html`<p>${count(words.packet, 'whereas', vendors.length, { vendors: foreign(list(vendors)) })}</p>`}${isRules ? html`<p>${words.packet.whereasRules}</p>` : empty}
<p><b>${count(words.packet, 'resolve', changes.length, { ...locale.bodySlots(name) })}</b></p><p>${vendors.length === 0 ? words.policyChange.followsNot : words.packet.no}</p>
<ol class="plain waits">${changes.map((each) => item(locale, each))}</ol>
<ul><li>${neededText(locale, own, body)}</li>${clock(locale, own)}</ul>
${rollCall(locale, packet, body)}${filled(locale, [
  [moved, false],
  [seconded, false],
  [meeting, false],
  [clerk, false],
])}</section>`;
};
