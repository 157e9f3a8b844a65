import type { Context } from 'hono';
import * as z from 'zod';
import { daySpans, daysIn, daysOf, openCaseOf } from '../../../../domain/derived/cases.ts';
import type { KeyRecord, Report } from '../../../../domain/derived/record.ts';
import { newestFirst, shownReport } from '../../../../domain/derived/sources.ts';
import { advanceTo } from '../../../../domain/feature/due.ts';
import { effectOf } from '../../../../domain/feature/effect.ts';
import { type Evaluation, effectiveEnd, evaluate, mayBeOn, stateIn, type Variant } from '../../../../domain/feature/evaluate.ts';
import type { FeatureEvent } from '../../../../domain/feature/events.ts';
import { changeId, featureStream, POLICY_KEY, prefixesOf } from '../../../../domain/feature/keys.ts';
import { counts, initialState, requirementsOf, shownApproval } from '../../../../domain/feature/state.ts';
import type { ChangeView, RevisionView } from '../../../../domain/feature/view.ts';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import { featureAggregate } from '../../../gate/aggregates.ts';
import { headsFor } from '../../../gate/heads.ts';
import { vendorName } from '../../../gate/vendors.ts';
import { nameOfEvent, slotsOf } from '../../../platform/acts.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { eventsOf } from '../../../platform/store/load.ts';
import { confirmedTasks, readKeyRecord } from '../../../register/derived/records.ts';
import { featureAt, newestChanges } from '../../../register/lists.ts';
import { readFeature } from '../../../register/project.ts';
import { waitingIn } from '../../../register/rows.ts';
import { latestOf } from '../../../register/views/changeJson.ts';
import { type ApprovalJson, type FeatureJson, readFeatureJson } from '../../../register/views/featureJson.ts';
import { caseJson, type ObservedJson } from '../../../register/views/observedJson.ts';
import { checkKey, pastInstant } from '../../http/input.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html, tableHead, untrustedText } from '../html.ts';
import { bodyName, type CityLocale, changeLink, featureLink, hashText, holderName, type Locale } from '../locale.ts';
import { cityLocaleAt, render } from '../page.ts';
import { waitsText } from '../parts/approvalPath.ts';
import { chip, type Tone, toneOfStatus, toneOfVariant, variantName, warning } from '../parts/chip.ts';
import { vendorWords } from '../parts/notice.ts';
import { policyChangeOf, policyLead } from '../parts/policy.ts';
import { caseDays, caseFacts, cityTasksSection, dayLine, duringText, lastSeen, lookedFor, seenText } from '../parts/seen.ts';
import { approvalEndText, audienceText, effectList } from '../parts/terms.ts';
import {
  AtQuery,
  addressWith,
  contextFor,
  featuresCsv,
  formatLinks,
  moreLink,
  pastForm,
  pastNote,
  queryOf,
  textUpTo,
} from '../query.ts';
import { CASES_PATH } from './cases.ts';
import { featureLogReference } from './check.ts';

/** `history`: the version of the stream up to which the history is shown. */
const query = {
  at: AtQuery,
  agency: textUpTo(200),
  history: z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/, 'is not the number of an entry')
    .transform(Number)
    .optional(),
};
const CHANGES_MAX = 100;

/** What is known about a key at `asOf`. `heads`, `titles`: of the key and its prefixes, root first; a title is null if there is none. */
type Reading = Awaited<ReturnType<typeof readAll>>;

const changesNow = async ({ ports }: SiteDeps, key: string, now: string): Promise<readonly ChangeView[]> => {
  return (await newestChanges(ports, key, { limit: CHANGES_MAX, now })).map(({ view }) => view).reverse();
};

const readAll = async (deps: SiteDeps, feature: FeatureJson, instant: string | undefined) => {
  const { ports } = deps;
  const { key, asOf } = feature;
  const prefixes = prefixesOf(key);
  const own = instant === undefined ? undefined : await ifReadable(featureAt(ports, key, instant));
  const chain = await Promise.all(
    prefixes.map(async (prefix) => {
      if (instant === undefined) return ifReadable(readFeature(ports, prefix));
      return prefix === key ? own : ifReadable(featureAt(ports, prefix, instant));
    }),
  );
  const last = chain.at(-1);
  return {
    key,
    feature,
    asOf,
    heads: (await headsFor(ports, key, instant)).heads,
    titles: chain.map((each) => each?.title ?? null),
    state: last?.state,
    version: last?.version ?? 0,
    changes: instant === undefined ? await changesNow(deps, key, asOf) : (own?.changes ?? []),
    record: instant === undefined ? await readKeyRecord(ports.sideStore, key) : undefined,
  };
};

const variantChip = ({ words }: Locale, key: string, variant: Variant): Html =>
  chip(toneOfVariant(variant), variantName(words, key, variant));

const subjectOf = ({
  feature,
  changes: views,
}: Reading): { readonly view: ChangeView; readonly revision: RevisionView } | undefined => {
  const view = views.find(({ key, number }) => changeId(key, number) === feature.change) ?? views.at(-1);
  if (view === undefined) return undefined;
  return { view, revision: view.revisions.find(({ digest }) => digest === feature.digest) ?? latestOf(view) };
};

const summary = async (deps: SiteDeps, locale: CityLocale, reading: Reading): Promise<Html> => {
  const { words } = locale;
  const { key, feature, heads } = reading;
  const subject = subjectOf(reading);
  if (subject === undefined) return empty;
  const { view, revision } = subject;
  const policy = await policyChangeOf(deps, view, revision);
  const effect = effectOf(view, { at: feature.asOf, zone: deps.ports.zone, heads });
  const version = feature.version === null ? empty : html`<p>${words.change.version}: ${untrustedText(feature.version)}</p>`;
  const lead =
    policy === undefined ? vendorWords(locale, await vendorName(deps.ports, key), revision) : policyLead(locale, policy);
  const approved =
    view.status === 'approved'
      ? html`${policy === undefined && effectList(locale, effect)}${version}
<p class="fine">${words.decide.exactWords}: <code>${revision.digest}</code></p>`
      : html`<p>${words.feature.nothingApproved}</p>`;
  return html`
${lead}<h2>${words.feature.approved}</h2>${approved}${approvedBy(locale, feature)}`;
};

const now = (locale: Locale, { key, feature, heads, record }: Reading): Html => {
  const { words } = locale;
  const because = heads.at(-1)?.kind === 'unreadable' ? words.because.unreadable : words.because[feature.status];
  return html`${alarm(locale, record)}<p class="lead">${variantChip(locale, key, feature.status)} ${because}</p>`;
};

const changes = (locale: CityLocale, { key, changes: views, state, asOf }: Reading): Html => {
  const { words, say, dateTime } = locale;
  if (views.length === 0) return empty;
  const standing = state === undefined ? initialState : advanceTo(state, asOf);
  const waiting = waitingIn(standing);
  const waitsFor = ({ number }: ChangeView): Html => {
    const waits = waiting.find(({ change }) => change.number === number);
    return waits === undefined ? empty : waitsText(locale, standing, waits);
  };
  const items = views.toReversed().map((view) => {
    const { at, notice } = latestOf(view);
    const title = say(words.feature.changeOf, { n: view.number, title: untrustedText(notice.title) });
    const link = changeLink(locale, changeId(key, view.number), title);
    return html`
<li>${link} ${chip(toneOfStatus(view.status), words.status[view.status])} <small>${waitsFor(view)}</small><br><small>${say(words.change.revisionAt, { when: dateTime(at) })}</small></li>`;
  });
  const first = changeLink(locale, changeId(key, 1), changeId(key, 1));
  // Numbers have no gaps, so fewer views than the newest number means that older changes are not listed.
  const isPart = views.length < (views.at(-1)?.number ?? 0);
  const older = isPart ? html`<p>${say(words.feature.olderChanges, { first })}</p>` : empty;
  return html`<h2>${words.feature.changes}</h2><ul class="plain">${items}</ul>${older}`;
};

export const featurePage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const key = checkKey(context.req.param('key') ?? '');
  const { format, at, agency } = queryOf(context, query);
  const instant = at === undefined ? undefined : pastInstant(at, deps.ports);
  const feature = await readFeatureJson(deps.ports, key, {
    context: contextFor(agency),
    at: instant,
    checkpoint: deps.checkpoint(),
  });
  if (format === 'json') return json(feature);
  const reading = await readAll(deps, feature, instant);
  const known = reading.titles.at(-1) ?? null;
  if (format === 'csv') return featuresCsv(context, [{ ...feature, title: known }]);
  const locale = await cityLocaleAt(deps, context);
  const { words } = locale;
  const title = known ?? key;
  const tasks = instant === undefined ? await confirmedTasks(deps.ports, reading.record?.tasks ?? []) : [];
  const body = html`
<p class="eyebrow calm"><code>${key}</code></p><h1>${untrustedText(title)}</h1>
${instant !== undefined && pastNote(locale, instant, locale.href(`/features/${key}`))}
${now(locale, reading)}${await summary(deps, locale, reading)}
${key !== POLICY_KEY && atTheVendor(locale, reading)}
${proof(deps, context, locale, reading)}
${instant === undefined && cityTasksSection(locale, { ...reading, tasks })}
${changes(locale, reading)}
<h2 id="history">${words.feature.history}</h2>${await historyOf(deps, context, locale, reading)}
<h2>${words.past.heading}</h2>${pastForm(context, locale, at)}
${await featureLogReference(deps, locale, feature)}
${formatLinks(context, locale, [], feature.asOf)}`;
  return render(context, locale, { title, body, here: 'register' });
};

const COMMITS_MAX = 100;

/** Returns a function that finds a requirement's body by the rule that an event pinned, else by the change as it is now. */
const bodyFinder =
  (locale: CityLocale, events: readonly FeatureEvent[], { changes: views }: Reading) =>
  (n: number, requirement: string): string => {
    const pinned = events.flatMap((event) =>
      'pinned' in event && event.change === n && event.pinned !== null ? event.pinned.require : [],
    );
    const now = views.find((view) => view.number === n)?.requirements ?? [];
    const body = [...pinned, ...now].find(({ id }) => id === requirement)?.body;
    return body === undefined ? requirement : bodyName(locale, body);
  };

const sentence = (locale: Locale, event: FeatureEvent, nameOf: ReturnType<typeof bodyFinder>): Html => {
  const { words, say, bodySlots } = locale;
  const n = event.change;
  const body = 'requirement' in event ? bodySlots(nameOf(n, event.requirement)) : {};
  return say(words.acts.history[nameOfEvent(event)], { n, ...body, ...slotsOf(event, { ...locale, foreign: untrustedText }) });
};

/** Renders the history up to a stream version; a date would not do, since commits can share an instant. Ballots' answers stay hidden. */
const historyOf = async ({ ports }: SiteDeps, context: Context, locale: CityLocale, reading: Reading): Promise<Html> => {
  const { key } = reading;
  const version = Math.min(reading.version, queryOf(context, query).history ?? reading.version);
  const after = Math.max(0, version - COMMITS_MAX);
  const commits =
    version === 0 ? [] : await ports.store.history(featureStream(key), { after, upTo: version, limit: COMMITS_MAX });
  const events = commits.flatMap((record) => eventsOf(featureAggregate, record));
  const nameOf = bodyFinder(locale, events, reading);
  if (events.length === 0) return html`<p>${locale.words.feature.noChanges}</p>`;
  const entries = events
    .toReversed()
    .map((event) => html`<li><small>${locale.time(event.at)}</small><br>${sentence(locale, event, nameOf)}</li>`);
  return html`<ol class="plain">${entries}</ol>${moreLink(context, locale, 'history', { next: after || null })}`;
};

const isOn = ({ variant }: Evaluation): boolean => mayBeOn(variant);

type Link = Pick<Reading, 'key' | 'heads' | 'asOf'>;

const consent = (locale: CityLocale, { key, heads, asOf }: Link, evaluation: Evaluation): Html => {
  const { words, say, date, bodyList } = locale;
  const head = stateIn(heads.at(-1));
  const state = head && advanceTo(head, asOf);
  const standing = state === null ? undefined : shownApproval(state);
  if (state === null || standing?.approved == null) return html`<small>${words.because.unknown}</small>`;
  const { at, terms } = standing.approved;
  // A body whose refusal was overturned did not approve.
  const bodies = [
    ...new Set(
      requirementsOf(state, standing)
        .filter((requirement) => counts(requirement) && standing.requirements[requirement.id]?.status !== 'overridden')
        .map(({ body }) => bodyName(locale, body)),
    ),
  ];
  const end = approvalEndText(locale, key, effectiveEnd(key, heads, asOf, standing.number));
  const only = terms.audience === null ? empty : html`, ${audienceText(locale, terms.audience)}`;
  const isOver = ['revoked', 'removed', 'expired'].includes(evaluation.variant);
  const stands = isOver ? empty : html`, ${end}${only}`;
  return html`<small>${say(words.consent.by, { bodies: bodyList(bodies), when: date(at) })}${stands}</small>`;
};

const knot = (passes: boolean): Html => {
  const ring = html`<circle cx="16" cy="16" r="12"${!passes && html` stroke-dasharray="5 3.4"`}/>`;
  const mark = html`<path d="${passes ? 'M10.5 16.5l3.8 3.8 7.4-8' : 'M11.5 11.5l9 9M20.5 11.5l-9 9'}"/>`;
  return html`<svg class="knot ${passes ? 'on' : 'no'}" viewBox="0 0 32 32" aria-hidden="true">${ring}${mark}</svg>`;
};

const chainOfConsent = (locale: CityLocale, chain: Reading): Html => {
  const { words } = locale;
  const prefixes = prefixesOf(chain.key).map((prefix, index) => {
    const heads = chain.heads.slice(0, index + 1);
    return { prefix, heads, evaluation: evaluate(prefix, heads, {}, chain.asOf) };
  });
  const links = prefixes.map(({ prefix, heads, evaluation }, index) => {
    const passes = isOn(evaluation);
    const isLast = index === prefixes.length - 1;
    const title = untrustedText(chain.titles[index] ?? prefix);
    const name = isLast ? html`<b>${title}</b>` : featureLink(locale, prefix, title);
    const passing = isLast
      ? empty
      : html`<p>${passes ? words.consent.passes : `${words.consent.stops}. ${words.consent.blocks}`}</p>`;
    const state = variantChip(locale, prefix, evaluation.variant);
    return html`
<li class="${passes ? 'passes' : 'stops'}"${isLast && html` aria-current="true"`}>${knot(passes)}
<div>${name} <code>${prefix}</code> ${state}${consent(locale, { ...chain, key: prefix, heads }, evaluation)}</div>
${passing}</li>`;
  });
  const whole = prefixes.every(({ evaluation }) => isOn(evaluation));
  return html`
<h2>${words.feature.chain}</h2><p>${whole ? words.consent.verdictOn : words.consent.verdictOff}</p><ol class="consent">${links}</ol>`;
};

const REPORTS_MAX = 10;
const CASES_SHOWN = 3;

const TONES: Readonly<Record<ObservedJson['state'], Tone>> = { on: 'on', off: 'off', unknown: 'wait', never: 'wait' };

const alarm = (locale: Locale, record: KeyRecord | undefined): Html => {
  const open = record === undefined ? undefined : openCaseOf(record);
  if (open === undefined) return empty;
  const { words, say, count, now, zone } = locale;
  const days = count(words.seen, 'days', daysOf([open], now, zone));
  return warning(html`<b>${say(words.seen.openCase, { since: duringText(locale, open), days })}</b>`, 'note bad');
};

const stateLine = (locale: Locale, { state }: ObservedJson, isOpen: boolean, shown: Report | undefined): Html => {
  const { words } = locale;
  const label = chip(isOpen && state === 'on' ? 'no' : TONES[state], words.seen.state[state]);
  if (shown === undefined) return html`<p>${label} ${words.seen.notYet}</p>`;
  return html`<p>${label} ${lastSeen(locale, shown)}${state === 'unknown' && html` ${words.seen.tooOld}`}</p>`;
};

const reportRow = (locale: CityLocale, report: Report): Html => {
  const { words } = locale;
  const { source, person, observedAt, seen, note, evidence } = report;
  const by = person === null ? empty : html`, ${untrustedText(holderName(locale, person, observedAt))}`;
  const paper =
    evidence === null ? empty : html`<br><small>${untrustedText(evidence.title)} ${hashText(evidence.sha256)}</small>`;
  return html`
<tr><th scope="row">${untrustedText(source)} <small>(${lookedFor(words, report)}${by})</small></th><td>${locale.time(observedAt)}</td>
<td>${seenText(locale, seen)}${note !== null && html`<br><small>${untrustedText(note)}</small>`}${paper}</td></tr>`;
};

const reportTable = (locale: CityLocale, reports: readonly Report[]): Html => {
  const w = locale.words.seen;
  if (reports.length === 0) return empty;
  // A vendor can sign under any number of source names, so the other sources come first.
  const [others, vendors] = [reports.filter(({ kind }) => kind !== 'vendor'), reports.filter(({ kind }) => kind === 'vendor')];
  const shown = newestFirst([...others, ...vendors].slice(0, REPORTS_MAX));
  return html`
<table class="dates"><caption>${w.reports}</caption>${tableHead(w.who, locale.words.decide.receipt.when, w.seen)}
<tbody>${shown.map((each) => reportRow(locale, each))}</tbody></table>`;
};

const caseList = (locale: CityLocale, { key, cases }: KeyRecord): Html => {
  const { words, count, now, zone } = locale;
  if (cases.length === 0) return empty;
  const spans = daySpans(cases, now, zone);
  const shown = cases.toReversed().slice(0, CASES_SHOWN);
  const items = shown.map((one) => {
    const view = caseJson({ ...one, key }, { title: null, cases }, now, zone);
    return html`
<li class="card"><p>${caseDays(locale, view)}</p>${caseFacts(locale, view)}</li>`;
  });
  const all = spans.reduce((sum, span) => sum + daysIn(span), 0);
  const older = html`<p><a href="${locale.href(`${CASES_PATH}?key=${key}`)}">${words.seen.older}</a></p>`;
  return html`
<h3>${words.seen.cases}</h3><p>${count(words.seen, 'caseDays', all)}</p>${dayLine(locale, spans, localDateOf(now, zone))}
<ul class="plain">${items}</ul>${cases.length > CASES_SHOWN && older}`;
};

const observedSection = (locale: CityLocale, observed: ObservedJson, record: KeyRecord | undefined): Html => {
  const reports = newestFirst(record?.reports ?? []);
  const isOpen = record !== undefined && openCaseOf(record) !== undefined;
  return html`
<h2 id="seen">${locale.words.seen.heading}</h2>${stateLine(locale, observed, isOpen, shownReport(reports))}
${reportTable(locale, reports)}${record !== undefined && caseList(locale, record)}`;
};

/** Renders observations and the chain of consent. Not for the city's own rules, which run at no vendor and have no key above them. */
const atTheVendor = (locale: CityLocale, reading: Reading): Html => {
  const { feature, record } = reading;
  return html`${feature.observed !== undefined && observedSection(locale, feature.observed, record)}
${chainOfConsent(locale, reading)}`;
};

const approvalText = (locale: Locale, approval: ApprovalJson): Html => {
  const { words, say, number, day } = locale;
  const { instrument, purpose, yes, of, fileNumber, meetingDate } = approval;
  const holder = approval.name ?? approval.holder;
  if (instrument === 'confirmation') return say(words.acts.timeline.confirmed, { holder });
  if (yes === undefined || of === undefined || fileNumber === undefined || meetingDate === undefined)
    return say(words.acts.timeline[instrument === 'ballots' ? 'answered' : 'signed'], {
      holder,
      decision: words.acts.decision.approve,
    });
  const which =
    purpose === 'override' ? html`${words.act.overridden}: ` : purpose === 'correct' ? html`${words.act.corrected}: ` : empty;
  const file = say(words.act.certifiedBy, { file: untrustedText(fileNumber), day: day(meetingDate), holder });
  return html`${which}${say(words.proof.votes, { yes: number(yes), of: number(of) })} <small>${file}</small>`;
};

const approvedBy = (locale: CityLocale, { approvals }: FeatureJson): Html => {
  const items = approvals.map(
    (approval) => html`
<li><b>${bodyName(locale, approval.body ?? '')}</b>: ${approvalText(locale, approval)} <small>${locale.time(approval.at)}</small></li>`,
  );
  return items.length === 0 ? empty : html`<h3>${locale.words.proof.who}</h3><ul class="plain">${items}</ul>`;
};

/** Renders the link to the record that proves the answer at this instant, whatever happens later. */
const proof = (deps: SiteDeps, context: Context, locale: Locale, { key, asOf }: Reading): Html => {
  const { words, href } = locale;
  const w = words.proof;
  const at = encodeURIComponent(asOf);
  const vkey = deps.vkey();
  const command = `node aldergate-verify.mjs --file ${key}-${asOf.replaceAll(':', '')}.json --key '${vkey}' --log ${deps.ports.url}`;
  const file =
    vkey === undefined
      ? html`<p>${w.noLog}</p>`
      : html`<p>${w.fileLead}</p><p><a href="/log/record/${key}?at=${at}" download>${w.download}</a></p>
<pre><code>${command}</code></pre><p><a href="${href('/check')}#verifier">${words.check.get}</a></p>
<h3>${w.proves}</h3><p>${w.provesText}</p><h3>${w.notProves}</h3><p>${w.notProvesText}</p>`;
  return html`
<details class="screen"><summary>${w.file}</summary><p><a href="${addressWith(context, 'at', asOf)}">${w.permalink}</a></p>${file}</details>`;
};
