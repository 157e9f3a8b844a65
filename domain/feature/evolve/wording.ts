import type { EventOf, Pinned } from '../events.ts';
import { isEntered, isMaintenance, packImpact } from '../notice.ts';
import { personOf } from '../persons.ts';
import type { ChangeState, FeatureState, Pin } from '../state.ts';
import { documentsAsked } from './documents.ts';
import { ACTS_MAX, openAll } from './edit.ts';

type Worded = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;

/** Stores the rule that binds a wording; changes with the same rule share it. */
export const withPin = (state: FeatureState, pinned: Pinned | null): FeatureState =>
  pinned === null ? state : { ...state, pins: { ...state.pins, [pinName(pinned)]: pinOf(pinned) } };

const pinOf = ({ require, term, passkeys }: Pinned): Pin => ({ require, term, ...(passkeys !== undefined && { passkeys }) });

/** Returns the name of a rule: the number of its policy and its own id. */
export const pinName = (pinned: Pinned): string => `${pinned.policy}/${pinned.rule}`;

/**
 * Returns the fields that a pinned rule sets in a change: its clocks, the documents it asks for, and the requirements that can be decided
 * immediately. `documents`: those attached to the revision already.
 */
export const pinFields = (pinned: Pinned | null, documents: ChangeState['documents']) => ({
  pin: pinned === null ? null : pinName(pinned),
  documents: documentsAsked(pinned, documents),
  from: pinned?.from ?? null,
  closesAt: pinned?.closesAt ?? null,
  requirements: openAll({}, pinned?.opens ?? []),
});

/**
 * Returns from when a wording that the vendor cannot hold back makes the approved words untrue; null if it can be held back, or
 * never does. What an earlier wording had already made untrue stays so, whatever the later one states; what it only announced,
 * the later one revokes.
 */
const staleFrom = ({ notice, at }: Worded, before: string | null): string | null => {
  if (before !== null && before <= at) return before;
  if (notice.kind === 'contract' || notice.kind === 'removal' || notice.optOut === 'yes') return null;
  return notice.effectiveAt === null || notice.effectiveAt < at ? at : notice.effectiveAt;
};

/**
 * Reports whether a signed update claims to change nothing, unless an earlier revision has made words untrue as something else.
 */
const claimsMaintenance = ({ notice, provenance, at }: Worded, before: ChangeState | undefined): boolean => {
  const outdates = before !== undefined && before.stale !== null && before.stale <= at && !before.maintenance;
  return provenance.scheme !== null && isMaintenance(notice) && !outdates;
};

/**
 * Returns a change under a new revision, which arrived as number `arrival`: nothing is decided yet. Earlier notices are still
 * recognised when repeated.
 */
export const worded = (event: Worded, before: ChangeState | undefined, arrival: number): ChangeState => ({
  number: event.change,
  revision: event.revision,
  arrival,
  digest: event.digest,
  status: 'pending',
  kind: event.notice.kind,
  version: event.notice.version,
  endsAt: event.notice.endsAt,
  since: event.at,
  by: event.provenance.person === null ? '' : personOf(event.provenance.person),
  entered: isEntered(event.provenance),
  impact: packImpact(event.notice.impact),
  ...pinFields(event.pinned, {}),
  terms: null,
  stale: staleFrom(event, before?.stale ?? null),
  maintenance: claimsMaintenance(event, before),
  veto: null,
  confirmation: null,
  acts: [...(before?.acts ?? []), event.command].slice(-ACTS_MAX),
  approved: null,
});
