import * as z from 'zod';
import type { ObservationEvent } from '../../../../../domain/observation/events.ts';
import { placeOfObservation } from '../../../../../domain/observation/state.ts';
import { observationAggregate } from '../../../../gate/aggregates.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { eventsOf } from '../../../../platform/store/load.ts';
import type { SiteDeps } from '../../deps.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';

/** Lines and keys of a receipt that are shown. */
const REPORTS_MAX = 8;
const KEYS_MAX = 12;

/** The streams that a receipt is about, one for each report, as the address names them. */
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

/** Renders what the record itself has of what was sent; empty if the address names nothing of it. */
export const recordedNote = async (deps: SiteDeps, locale: Locale, recorded: readonly string[]): Promise<Html> => {
  const streams = Map.groupBy(
    recorded.filter((stream) => placeOfObservation(stream) !== undefined),
    (stream) => stream,
  );
  const counted = [...streams].slice(0, REPORTS_MAX);
  const reports = await Promise.all(
    counted.map(([stream, named]) => ifReadable(reportsOf(deps, stream, Math.min(named.length, REPORTS_MAX)))),
  );
  const lines = reports.flatMap((found) => found ?? []).map((event) => line(locale, event));
  if (lines.length === 0) return empty;
  const { heading, again } = locale.words.worklist.recorded;
  return html`
<div class="note" role="status"><h2>${heading}</h2><ul class="plain">${lines}</ul><p>${again}</p></div>`;
};
