import * as z from 'zod';
import { changeNamed } from '../../../../../domain/feature/keys.ts';
import type { ObservationEvent } from '../../../../../domain/observation/events.ts';
import { type ObservationPlace, placeOfObservation } from '../../../../../domain/observation/state.ts';
import { observationAggregate } from '../../../../gate/aggregates.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { eventsOf } from '../../../../platform/store/load.ts';
import { driftAfterReport } from '../../../../register/derived/reported.ts';
import { readChange } from '../../../../register/read.ts';
import type { SiteDeps } from '../../deps.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';

/** Lines and keys of a receipt that are shown. */
const REPORTS_MAX = 8;
const KEYS_MAX = 12;

/** What a receipt is about, as the address names it: the stream of each report, and each change opted out of. */
export const RecordedQuery = z.array(z.string().max(300)).max(100);

const reportsOf = async ({ ports }: SiteDeps, stream: string, count: number): Promise<readonly ObservationEvent[]> => {
  const head = await ports.store.head(stream);
  if (head === undefined) return [];
  const commits = await ports.store.history(stream, { after: Math.max(0, head.version - count), limit: count });
  return commits.flatMap((commit) => eventsOf(observationAggregate, commit));
};

const keyText = ({ words, say, list }: Locale, key: string, value: ObservationEvent['features'][string]): Html => {
  const { on, off, onFor } = words.worklist.recorded;
  const name = html`<code>${key}</code>`;
  if (typeof value === 'boolean') return say(value ? on : off, { key: name });
  return value.agencies === undefined
    ? say(value.on ? on : off, { key: name })
    : say(onFor, { key: name, agencies: foreign(list(value.agencies)) });
};

const line = (locale: Locale, { observedAt, features }: ObservationEvent): Html => {
  const { words, say, count, dateTime } = locale;
  const { recorded } = words.worklist;
  const entries = Object.entries(features);
  const rest = entries.length - KEYS_MAX;
  const keys = html`${entries.slice(0, KEYS_MAX).map(([key, value], index) => html`${index === 0 ? empty : ', '}${keyText(locale, key, value)}`)}${rest > 0 ? html` ${count(recorded, 'more', rest)}` : empty}`;
  return html`<li>${say(recorded.seen, { when: html`<time datetime="${observedAt}">${dateTime(observedAt)}</time>`, keys })}</li>`;
};

/** Renders what others reported of the keys that are shown, as far as it stays open whatever this report says, and whose report closes it. */
const notClosedLines = async (
  { ports }: SiteDeps,
  { words, say, list }: Locale,
  place: ObservationPlace,
  { features, person, ...said }: ObservationEvent,
): Promise<readonly Html[]> => {
  const { stillOpen, closers, together } = words.worklist.recorded;
  // Who says only that it is on expects it to stay open.
  const shown = Object.entries(features)
    .slice(0, KEYS_MAX)
    .filter(([, value]) => value !== true);
  const { drift } = await driftAfterReport(ports, place, { ...said, features: Object.fromEntries(shown) }, person);
  const open = drift.flatMap(({ key, notClosed }) => notClosed.map((each) => ({ key, ...each })));
  const alike = Map.groupBy(open, ({ report: { source, kind } }) => JSON.stringify([source, kind]));
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { report, closers: by } = first;
    const keys = html`${[first, ...others].map(({ key }, index) => html`${index === 0 ? empty : ', '}<code>${key}</code>`)}`;
    return html`
<p class="note">${say(stillOpen, { source: foreign(report.source), keys })} ${say(closers, { sources: foreign(list(by.alone)) })}${
      by.together.length === 0 ? empty : html` ${say(together, { sources: foreign(list(by.together)) })}`
    }</p>`;
  });
};

/** Renders that the city opted out of a change; nothing if it did not. */
const optOutLine = async ({ ports }: SiteDeps, { say }: Locale, text: string, change: string): Promise<Html | undefined> => {
  const { key, number } = changeNamed(change) ?? {};
  const reading = key === undefined || number === undefined ? undefined : await readChange(ports, key, number);
  return reading?.view.optOut == null ? undefined : html`<li>${say(text, { change: html`<code>${change}</code>` })}</li>`;
};

/** Renders what the record itself has of what was sent; empty if the address names nothing of it. */
export const recordedNote = async (deps: SiteDeps, locale: Locale, named: readonly string[]): Promise<Html> => {
  const { heading, again, optedOut } = locale.words.worklist.recorded;
  const counted = [...Map.groupBy(named, (each) => each)].slice(0, REPORTS_MAX);
  const found = await Promise.all(
    counted.map(async ([each, times]) => {
      const place = placeOfObservation(each);
      if (place === undefined)
        return { lines: [(await ifReadable(optOutLine(deps, locale, optedOut, each))) ?? []].flat(), notes: [] };
      const reports = (await ifReadable(reportsOf(deps, each, Math.min(times.length, REPORTS_MAX)))) ?? [];
      const notes = await Promise.all(reports.map((event) => ifReadable(notClosedLines(deps, locale, place, event))));
      return { lines: reports.map((event) => line(locale, event)), notes: notes.flatMap((some) => some ?? []) };
    }),
  );
  const lines = found.flatMap((each) => each.lines);
  if (lines.length === 0) return empty;
  return html`
<div class="card" role="status"><h2>${heading}</h2><ul class="plain">${lines}</ul>${found.map(({ notes }) => notes)}<p>${again}</p></div>`;
};
