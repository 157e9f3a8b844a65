import type { Context } from 'hono';
import { encode } from 'uqr';
import { decidableUntilOf } from '../../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../../domain/feature/due.ts';
import { effectOf } from '../../../../domain/feature/effect.ts';
import { changeId, changeNamed } from '../../../../domain/feature/keys.ts';
import { presentChange } from '../../../../domain/feature/present.ts';
import { isOpen } from '../../../../domain/feature/state.ts';
import type { RequirementView } from '../../../../domain/feature/view.ts';
import { earliest } from '../../../../domain/kernel/order.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { localMoment } from '../../../../domain/kernel/zone.ts';
import { Vote } from '../../../../domain/policy/rollCall.ts';
import { headsWith } from '../../../gate/heads.ts';
import { vendorName } from '../../../gate/vendors.ts';
import { fillText } from '../../../platform/catalogue.ts';
import { readChange } from '../../../register/project.ts';
import { latestOf, shownTerms } from '../../../register/views/changeJson.ts';
import { requirementDeadline } from '../../../register/waiting.ts';
import { badParameter, checkChangeNumber, checkKey } from '../../http/input.ts';
import { refused } from '../../http/problems.ts';
import type { SiteDeps } from '../deps.ts';
import { wantsPage } from '../forms.ts';
import { descriptionItem, empty, type Html, html, plainText, tableHead, untrustedText } from '../html.ts';
import { bodyName, bodySlotsOf, type CityLocale, type Locale, seatName, seatsIn } from '../locale.ts';
import { cityLocaleAt, type HtmlPage, localeAt, render } from '../page.ts';
import { approvalPath, bodiesBefore } from '../parts/approvalPath.ts';
import {
  comparisonsOf,
  documentList,
  impactTable,
  newWords,
  noticeFacts,
  revisionTextOf,
  vendorWords,
  withheldOf,
  withheldText,
} from '../parts/notice.ts';
import { policyChangeOf, policyComparison, policyLead } from '../parts/policy.ts';
import { effectList } from '../parts/terms.ts';
import { firstDays, isSecond, neededIn, neededText } from './decide/forms.ts';

const PACKET_MAX = 40;

type Enclosed = Awaited<ReturnType<typeof enclose>>;

const enclose = async (deps: SiteDeps, locale: Locale, { key, n }: Named[number]) => {
  const { ports } = deps;
  const id = changeId(key, n);
  const [reading, vendor] = await Promise.all([readChange(ports, key, n), vendorName(ports, key)]);
  if (reading === undefined) throw refused('not-found', { detail: `there is no change ${id}` });
  const view = presentChange(reading, locale.now);
  const state = advanceTo(reading.state, locale.now);
  const [heads, current, earlier, withheld, policy] = await Promise.all([
    headsWith(ports, key, state),
    revisionTextOf(deps, view, latestOf(view), 'public'),
    comparisonsOf(deps, locale, { view, state }, 'public'),
    withheldOf(deps, view),
    policyChangeOf(deps, view, latestOf(view)),
  ]);
  const effect = effectOf(view, { at: locale.now, zone: locale.zone, heads });
  return {
    id,
    url: `${ports.url}/changes/${id}`,
    view,
    state,
    vendor,
    words: { current, earlier },
    withheld,
    policy,
    effect,
  };
};

const VOTES = Vote.exclude(['vacant']).options;

const line = ({ words }: Locale, long = false): Html =>
  html`<span class="line${long ? ' long' : ''}"><span class="visually-hidden">${words.packet.blank}</span></span>`;

/** Returns the votes that a change waits for or will wait for: under a veto only the second one, and all for a closed change. */
const votesOn = ({ view }: Pick<Enclosed, 'view'>): readonly RequirementView[] =>
  view.requirements.filter((each) => {
    if (each.instrument !== 'certification') return false;
    if (!isOpen(view)) return true;
    return view.veto === null ? each.status === 'open' || each.status === 'waiting' : isSecond(view, each);
  });

const voteOf = (each: Pick<Enclosed, 'view'>, body: string): RequirementView | undefined =>
  votesOn(each).find((vote) => vote.body === body);

const votingBodies = (changes: readonly Enclosed[]): readonly string[] => [
  ...new Set(changes.flatMap((each) => votesOn(each).map(({ body }) => body))),
];

const filled = (locale: Locale, rows: readonly (readonly [string, boolean])[]): Html =>
  html`<dl class="fill">${rows.map(([label, long]) => descriptionItem(label, line(locale, long)))}</dl>`;

const termsOf = (locale: Locale, { view, effect }: Enclosed): Html => {
  const { words } = locale;
  if (shownTerms(view) !== null) return effectList(locale, effect);
  const { until, audience } = words.packet;
  return html`${filled(locale, [
    [until, false],
    [audience, true],
    [words.effect.conditions, true],
  ])}<p class="fine">${words.packet.blankMeans}</p><p>${words.decide.effect.asItStands}</p>${effectList(locale, effect)}`;
};

const item = (locale: CityLocale, each: Enclosed, body: string): Html => {
  const { words, say } = locale;
  const vote = voteOf(each, body);
  const latest = latestOf(each.view);
  return html`
<li class="card"><h3>${untrustedText(latest.notice.title)}</h3>
<p class="fine"><code>${each.id}</code> · ${say(words.change.revision, { n: latest.revision })}<br>
${words.decide.exactWords}: <code>${latest.digest}</code></p>
${
  isOpen(each.view) &&
  vote?.status === 'waiting' &&
  html`<p>${say(words.rules.after, { bodies: bodiesBefore(locale, vote.rule, each.view.requirements) })}</p>`
}
${each.policy === undefined && html`<h4>${words.decide.receipt.terms}</h4>${termsOf(locale, each)}`}</li>`;
};

const neededFor = (locale: CityLocale, changes: readonly Enclosed[], body: string): Html => {
  const { words, number, say, list } = locale;
  const needs = changes.flatMap(({ id, view }) => {
    const vote = voteOf({ view }, body);
    return vote === undefined ? [] : [{ id, ...neededIn(locale, view, vote), text: neededText(locale, view, vote) }];
  });
  const [first] = needs;
  if (first === undefined) return empty;
  return needs.every(({ text }) => plainText(text) === plainText(first.text))
    ? first.text
    : say(words.packet.different, { list: list(needs.map(({ id, needed, of }) => `${id} ${number(needed)}/${number(of)}`)) });
};

const clock = (locale: Locale, changes: readonly Enclosed[], body: string): Html => {
  const { words, say, day, deadline, zone } = locale;
  const open = changes.flatMap((each) => (isOpen(each.view) ? [{ each, vote: voteOf(each, body) }] : []));
  const days = open.flatMap(({ each, vote }) => (vote === undefined ? [] : firstDays(each, vote, zone)));
  const from = days.sort().at(-1);
  const closes = earliest(
    ...open.map(({ each: { view }, vote }) => (vote === undefined ? decidableUntilOf(view) : requirementDeadline(view, vote))),
  );
  return html`${from !== undefined && html`<li>${say(words.decide.meetingFrom, { day: day(from) })}</li>`}${
    closes !== null && html`<li>${say(words.packet.recordBefore, { when: deadline(closes) })}</li>`
  }`;
};

const rollCall = (locale: CityLocale, body: string): Html => {
  const { words, say, now, zone, roster } = locale;
  const { certify } = words.decide;
  const today = localMoment(now, zone);
  const seats = seatsIn(roster, body);
  const boxes = VOTES.map(() => html`<td class="box"></td>`);
  const rows = seats.map((seat) => html`<tr><th scope="row">${seatName(locale, body, seat, today)}</th>${boxes}</tr>`);
  return html`
<div class="keep"><h2>${say(words.packet.roll, bodySlotsOf(locale, body))}</h2>
<table class="sheet">${tableHead(certify.seat, ...VOTES.map((vote) => certify[vote]))}
<tbody>${rows}</tbody></table></div>`;
};

const resolution = (locale: CityLocale, enclosed: readonly Enclosed[], body: string): Html => {
  const { words, say, count, list } = locale;
  const changes = enclosed.filter((each) => voteOf(each, body) !== undefined);
  const vendors = [...new Set(changes.flatMap(({ vendor, policy }) => (policy === undefined ? [vendor] : [])))];
  const slots = bodySlotsOf(locale, body);
  const { fileNumber, mover, seconder, meetingDate } = words.decide.certify;
  const isRules = changes.some(({ policy }) => policy !== undefined);
  const whereas = count(words.packet, 'whereas', vendors.length, { vendors: untrustedText(list(vendors)) });
  return html`
<section><h2>${say(words.packet.draft, slots)}</h2>
<p><b>${fileNumber}</b> ${line(locale)}</p>
${vendors.length > 0 && html`<p>${whereas} ${words.packet.whereasOff}</p>`}${isRules && html`<p>${words.packet.whereasRules}</p>`}
<p><b>${count(words.packet, 'resolve', changes.length, slots)}</b></p>
${vendors.length > 0 && html`<p>${words.packet.no}</p>`}
<ol class="plain waits">${changes.map((each) => item(locale, each, body))}</ol>
<ul><li>${neededFor(locale, changes, body)}</li>${clock(locale, changes, body)}</ul>
${rollCall(locale, body)}${filled(locale, [
  [mover, false],
  [seconder, false],
  [meetingDate, false],
  [words.packet.clerk, false],
])}</section>`;
};

const QUIET = 4;

/** Returns an SVG path that draws dark modules as strokes one module wide. */
const pathOf = (rows: readonly (readonly boolean[])[]): string =>
  rows
    .map((row, y) => {
      const runs =
        row
          .map((dark) => (dark ? '1' : '0'))
          .join('')
          .match(/1+|0+/g) ?? [];
      const drawn = runs.map((run) => (run.startsWith('1') ? `h${run.length}` : `m${run.length} 0`));
      return `M${QUIET} ${y + QUIET}${drawn.join('')}`;
    })
    .join('');

export const qrCode = (text: string, label: string): Html => {
  const { data } = encode(text, { ecc: 'M', border: 0 });
  const size = data.length + 2 * QUIET;
  const paths = html`<path fill="#fff" d="M0-.5h${size}v${size}H0z"/><path stroke="#000" d="${pathOf(data)}"/>`;
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 -.5 ${size} ${size}" shape-rendering="crispEdges">${paths}</svg>`;
};

const qr = ({ words }: Locale, url: string): Html =>
  html`<div class="code">${qrCode(url, fillText(words.packet.scan, { url }))}<p>${url}</p></div>`;

const annex = (locale: CityLocale, each: Enclosed, place: number): Html => {
  const { words, say } = locale;
  const { view, vendor } = each;
  const latest = latestOf(view);
  const title = untrustedText(latest.notice.title);
  const ask = each.policy === undefined ? say(words.decide.ask[latest.notice.kind], { title }) : words.policyChange.ask;
  const closed =
    !isOpen(view) && html`<p class="note">${say(words.decide.closed.ended, { status: words.status[view.status] })}</p>`;
  const revision = say(words.change.revision, { n: latest.revision });
  const { description } = each.words.current;
  const described = html`<h3>${words.change.description}</h3><p class="words">${untrustedText(description)}</p>`;
  return html`
<section><div class="top"><div><p class="eyebrow calm">${say(words.packet.annex, { n: place, title: each.id })}</p><h2>${title}</h2>
<p>${ask}</p>${closed}
<p class="fine">${revision} · ${words.decide.exactWords}: <code>${latest.digest}</code></p></div>${qr(locale, each.url)}</div>
${
  each.policy === undefined
    ? html`${vendorWords(locale, vendor, latest)}
<h3>${words.impact.heading}</h3>${impactTable(locale, latest.notice.impact, each.words.current.effects)}${newWords(locale, each.words)}
${withheldText(locale, each.words.current)}${description !== '' && described}
<h3>${words.change.facts}</h3><dl class="facts">${noticeFacts(locale, latest.notice)}</dl>`
    : html`${policyLead(locale, each.policy)}${policyComparison(locale, each.policy)}`
}
<h3>${words.change.documents}</h3>${documentList(locale, view, each.withheld)}
<h3>${words.change.stands}</h3>${approvalPath(locale, view, { effect: each.effect })}</section>`;
};

const withoutVote = (locale: CityLocale, changes: readonly Enclosed[]): Html | false => {
  const { words, say, bodyList } = locale;
  const required = changes.flatMap(({ view }) => view.requirements.filter(({ instrument }) => instrument !== 'advice'));
  const bodies = new Set(required.map(({ body }) => bodyName(locale, body)));
  return bodies.size > 0 && html`<p class="note">${say(words.packet.noVote, { bodies: bodyList([...bodies]) })}</p>`;
};

const packetPage = (locale: CityLocale, changes: readonly Enclosed[]): HtmlPage => {
  const { words, say, now } = locale;
  const bodies = votingBodies(changes);
  return {
    title: words.packet.title,
    body: html`
<div class="packet"><p class="fine screen">${words.packet.print}</p><h1>${words.packet.title}</h1>
<p class="fine">${say(words.packet.asOf, { when: locale.time(now) })}</p>
${bodies.length === 0 ? withoutVote(locale, changes) : bodies.map((body) => resolution(locale, changes, body))}
${changes.map((each, index) => annex(locale, each, index + 1))}</div>`,
  };
};

type Named = readonly { readonly key: string; readonly n: number }[];

const show = async (deps: SiteDeps, context: Context, named: Named): Promise<Response> => {
  const locale = await cityLocaleAt(deps, context);
  const changes = await Promise.all(named.map((each) => enclose(deps, locale, each)));
  return render(context, locale, packetPage(locale, changes));
};

const changeOf = (text: string): Named[number] => {
  const named = changeNamed(text);
  if (named === undefined || !FeatureKey.safeParse(named.key).success)
    throw badParameter('change', 'is not the name of a change, such as acme.lpr/1');
  return { key: named.key, n: named.number };
};

const nothingChosen = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const locale = localeAt(deps, context);
  const { packet, desk } = locale.words;
  const body = html`<h1>${packet.title}</h1><p class="lead">${desk.consent.none}</p>`;
  return render(context, locale, { title: desk.consent.none, status: 400, body });
};

export const packetOfSeveral = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const asked = [...new Set(context.req.queries('change'))];
  if (asked.length === 0 && wantsPage(context)) return nothingChosen(deps, context);
  if (asked.length === 0 || asked.length > PACKET_MAX)
    throw badParameter('change', `must name 1 to ${PACKET_MAX} changes, such as change=acme.lpr/1`);
  return show(deps, context, asked.map(changeOf));
};

export const packetOfOne = (deps: SiteDeps, context: Context): Promise<Response> => {
  const { key = '', n = '' } = context.req.param() as { key?: string; n?: string };
  return show(deps, context, [{ key: checkKey(key), n: checkChangeNumber(n) }]);
};
