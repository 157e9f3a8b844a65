import type { Context } from 'hono';
import { openCaseOf } from '../../../../domain/derived/cases.ts';
import { daySpans, daysIn, daysOf } from '../../../../domain/derived/days.ts';
import type { KeyRecord, Report } from '../../../../domain/derived/record.ts';
import { newestFirst, shownReport } from '../../../../domain/derived/sources.ts';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { caseJson } from '../../../register/views/caseJson.ts';
import type { ObservedJson } from '../../../register/views/observedJson.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { holderName } from '../names.ts';
import { linkIn } from '../page.ts';
import { chip, icon, type Tone } from '../parts/chip.ts';
import { caseDays, caseFacts, dayLine, duringText, lookedFor, seenText } from '../parts/seen.ts';
import { CASES_PATH } from './cases.ts';

const REPORTS_MAX = 10;
const CASES_SHOWN = 3;

const TONES: Readonly<Record<ObservedJson['state'], Tone>> = { on: 'on', off: 'off', unknown: 'wait', never: 'wait' };

/** Renders that a key is on without permission, and for how long; nothing if it is not. */
export const alarm = (locale: Locale, record: KeyRecord | undefined): Html => {
  const open = record === undefined ? undefined : openCaseOf(record);
  if (open === undefined) return empty;
  const { words, say, count, now, zone } = locale;
  const days = count(words.seen, 'days', daysOf([open], now, zone));
  return html`<p class="note bad">${icon('warning')}<b>${say(words.seen.openCase, { since: duringText(locale, open), days })}</b></p>`;
};

const stateLine = (locale: Locale, { state, at, source }: ObservedJson, isOpen: boolean, shown: Report | undefined): Html => {
  const { words, say, dateTime } = locale;
  const label = chip(isOpen && state === 'on' ? 'no' : TONES[state], words.seen.state[state]);
  if (at === null || source === null) return html`<p>${label} ${words.vendor.neverSeen}</p>`;
  const last = say(words.seen.last, { source: foreign(source), when: html`<time datetime="${at}">${dateTime(at)}</time>` });
  const whose = shown === undefined ? empty : html` <small>(${lookedFor(words, shown)})</small>`;
  return html`<p>${label} ${last}${whose}${state === 'unknown' ? html` ${words.seen.tooOld}` : empty}</p>`;
};

const reportRow = (locale: Locale, roster: Roster | null, report: Report): Html => {
  const { words, say, dateTime } = locale;
  const { source, person, observedAt, seen, note, evidence } = report;
  const by = person === null ? empty : html`, ${foreign(holderName(roster, person))}`;
  const paper =
    evidence === null
      ? empty
      : html`<br><small>${foreign(evidence.title)} <code>${say(words.change.hash, { hash: evidence.sha256 })}</code></small>`;
  return html`
<tr><th scope="row">${foreign(source)} <small>(${lookedFor(words, report)}${by})</small></th><td><time datetime="${observedAt}">${dateTime(observedAt)}</time></td><td>${seenText(locale, seen)}${note === null ? empty : html`<br><small>${foreign(note)}</small>`}${paper}</td></tr>`;
};

const reportTable = (locale: Locale, roster: Roster | null, reports: readonly Report[]): Html => {
  const w = locale.words.seen;
  if (reports.length === 0) return empty;
  // A vendor can sign under any number of names, which leave the others their rows.
  const [others, vendors] = [reports.filter(({ kind }) => kind !== 'vendor'), reports.filter(({ kind }) => kind === 'vendor')];
  const shown = newestFirst([...others, ...vendors].slice(0, REPORTS_MAX));
  return html`
<table class="dates"><caption>${w.reports}</caption><thead><tr><th scope="col">${w.who}</th><th scope="col">${w.when}</th><th scope="col">${w.what}</th></tr></thead><tbody>${shown.map((each) => reportRow(locale, roster, each))}</tbody></table>`;
};

const caseList = (context: Context, locale: Locale, roster: Roster | null, { key, cases }: KeyRecord): Html => {
  const { words, count, now, zone } = locale;
  if (cases.length === 0) return empty;
  const spans = daySpans(cases, now, zone);
  const shown = cases.toReversed().slice(0, CASES_SHOWN);
  const items = shown.map((one) => {
    const view = caseJson({ ...one, key }, { title: null, cases }, now, zone);
    return html`
<li class="card"><p>${caseDays(locale, view)}</p>${caseFacts(context, locale, roster, view)}</li>`;
  });
  const all = spans.reduce((sum, span) => sum + daysIn(span), 0);
  const older = html`<p><a href="${linkIn(context, `${CASES_PATH}?key=${key}`)}">${words.seen.older}</a></p>`;
  return html`
<h3>${words.seen.cases}</h3><p>${count(words.seen, 'caseDays', all)}</p>${dayLine(locale, spans, localDateOf(now, zone))}
<ul class="plain">${items}</ul>${cases.length > CASES_SHOWN ? older : empty}`;
};

/** Renders what was seen of a feature at its vendor, when and by whom, and its times on without permission, also those that are over. */
export const observedSection = (
  context: Context,
  locale: Locale,
  roster: Roster | null,
  observed: ObservedJson,
  record: KeyRecord | undefined,
): Html => {
  const reports = newestFirst(record?.reports ?? []);
  const isOpen = record !== undefined && openCaseOf(record) !== undefined;
  return html`
<h2 id="seen">${locale.words.seen.heading}</h2>${stateLine(locale, observed, isOpen, shownReport(reports))}${reportTable(locale, roster, reports)}${
    record === undefined ? empty : caseList(context, locale, roster, record)
  }`;
};
