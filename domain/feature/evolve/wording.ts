import type { EventOf, Pinned } from '../events.ts';
import { packImpact } from '../impact.ts';
import { personOf } from '../persons.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { openAll } from './edit.ts';

type Worded = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;

/** Keeps the rule that a wording is bound by; changes bound alike share it. */
export const withPin = (state: FeatureState, pinned: Pinned | null): FeatureState =>
  pinned === null
    ? state
    : { ...state, pins: { ...state.pins, [pinName(pinned)]: { require: pinned.require, term: pinned.term } } };

const pinName = (pinned: Pinned): string => `${pinned.policy}/${pinned.rule}`;

/** What a pinned rule sets in a change: its clocks and the requirements that can be decided at once. */
export const pinFields = (pinned: Pinned | null) => ({
  pin: pinned === null ? null : pinName(pinned),
  missing: pinned !== null && pinned.missing.length > 0,
  from: pinned?.from ?? null,
  closesAt: pinned?.closesAt ?? null,
  reqs: openAll({}, pinned?.opens ?? []),
});

/** From when a wording that the vendor cannot hold back makes the approved words untrue; null when it can, or never does. */
const staleFrom = ({ notice, at }: Worded, before: string | null): string | null => {
  if (notice.kind === 'contract' || notice.kind === 'removal') return before;
  const from = notice.optOut === 'yes' ? null : notice.effectiveAt === null || notice.effectiveAt < at ? at : notice.effectiveAt;
  if (before === null) return from;
  if (from === null) return before <= at ? before : null;
  return before < from ? before : from;
};

const HOLDER = 'holder:';

/** The official who entered a notice fills no requirement of it; vendors and tokens are no officials. */
const enteredBy = (by: string): string => (by.startsWith(HOLDER) ? personOf(by.slice(HOLDER.length)) : '');

/** A change under a new wording: nothing decided yet. */
export const worded = (event: Worded, before: ChangeState | undefined): ChangeState => ({
  n: event.change,
  rev: event.revision,
  digest: event.digest,
  status: 'pending',
  kind: event.notice.kind,
  version: event.notice.version,
  endsAt: event.notice.endsAt,
  since: event.at,
  by: enteredBy(event.provenance.by),
  impact: packImpact(event.notice.impact),
  documents: [...new Set(event.notice.documents.map(({ kind }) => kind))],
  ...pinFields(event.pinned),
  terms: null,
  stale: staleFrom(event, before?.stale ?? null),
  veto: null,
  acts: [event.command],
  room: event.room,
  approved: null,
});
