import type { EventOf, FeatureEvent } from '../feature/events.ts';
import type { Commit } from '../kernel/commit.ts';
import { earliest, plusMs } from '../kernel/order.ts';
import { plusDuration } from '../kernel/zone.ts';
import { effectOfApproval, inForce, withApprovalBegun, withContest } from './arrivals.ts';
import {
  type ChangeCase,
  type FeatureCase,
  isSatisfied,
  type RequirementCase,
  required,
  withChange,
  withOpened,
  withRequirement,
} from './case.ts';
import type { City } from './city.ts';
import { openings } from './rules.ts';
import type { Moment } from './sitting.ts';
import { must } from './verdict.ts';

/** A feature after an act, and the events that must follow in the same commit, in exactly this order. */
export interface Owed {
  readonly feature: FeatureCase;
  readonly owed: readonly FeatureEvent[];
}

export type ActRule<T extends FeatureEvent['type']> = (
  city: City,
  feature: FeatureCase,
  change: ChangeCase,
  event: EventOf<T>,
  commit: Commit,
  moment: Moment,
) => Owed;

type Terms = NonNullable<ChangeCase['terms']>;

/**
 * Returns a change after the act that satisfies a requirement, and what follows. The requirement is met or, under a veto, its refusal
 * is overturned; others open; after the last one the change is approved.
 */
export const satisfied = (feature: FeatureCase, change: ChangeCase, requirement: string, terms: Terms, moment: Moment): Owed => {
  const { at } = moment;
  const { veto, closesAt, pinned, requirements } = change;
  const done = new Set(required(change).flatMap(({ id }) => (id === requirement || isSatisfied(change, id) ? [id] : [])));
  const waiting = required(change).filter(({ id }) => !requirements.has(id));
  const opens = openings(waiting, done, pinned?.from ?? at, moment);
  const base = { v: 1, at, change: change.number, requirement, opens } as const;
  const first: FeatureEvent =
    veto === null
      ? { ...base, type: 'RequirementMet' }
      : { ...base, type: 'VetoOverridden', closesAt: postponedBy(closesAt, veto.at, at) };
  const all = required(change).filter(({ instrument }) => instrument !== 'advice');
  const approves =
    all.length > 0 && all.every(({ id }) => done.has(id)) && hasTwoPersons(change, veto === null ? requirement : undefined);
  const owed = approves ? [first, approval(feature, change, terms, moment)] : [first];
  return { feature: withChange(feature, change), owed };
};

/** Reports whether two authenticated persons acted for the approval. `signed`: the requirement that the present act meets. */
const hasTwoPersons = (change: ChangeCase, signed: string | undefined): boolean => {
  const persons = new Set<string>();
  let ballots = 0;
  for (const { id, instrument } of required(change)) {
    const known = change.requirements.get(id);
    if (known === undefined || instrument === 'advice') continue;
    for (const person of [...known.clerks, ...known.confirmers]) persons.add(person);
    if (instrument === 'signature' && (known.status === 'met' || id === signed))
      for (const person of known.voters) persons.add(person);
    ballots += [...known.ballots.values()].filter((decision) => decision === 'approve').length;
  }
  return persons.size + ballots >= 2;
};

/** Returns when an approval given at a moment ends: with its words, its terms or the policy's term, whichever is first; null: never. */
export const lastsUntil = ({ notice, pinned }: ChangeCase, { until }: Terms, { at, zone }: Moment): string | null => {
  const term = pinned?.term ?? null;
  return earliest(notice.endsAt, until, term === null ? null : plusDuration(at, term, zone));
};

const approval = (feature: FeatureCase, change: ChangeCase, terms: Terms, moment: Moment): EventOf<'ChangeApproved'> => {
  const { number, revision, digest } = change;
  const { at } = moment;
  return {
    type: 'ChangeApproved',
    v: 1,
    at,
    change: number,
    revision,
    digest,
    terms,
    validUntil: lastsUntil(change, terms, moment),
    ...effectOfApproval(feature, change, terms.from, at),
  };
};

export const postponedBy = (end: string | null, from: string, to: string): string | null =>
  end === null ? null : plusMs(end, Date.parse(to) - Date.parse(from));

const requirementOf = (change: ChangeCase, id: string): RequirementCase => {
  const found = change.requirements.get(id);
  must(found !== undefined, 'requirement', `requirement ${id} was not open`);
  return found;
};

const closed = (change: ChangeCase, status: ChangeCase['status']): ChangeCase => ({
  ...change,
  status,
  veto: null,
  waiting: null,
});

/** Refusals by persons. In every other case a time limit passed. */
const REFUSALS: readonly EventOf<'ChangeRefused'>['because'][] = ['vote', 'holder', 'override-failed', 'correction'];

const ENDED_AS = { end: 'expired', removal: 'removed', correction: 'revoked' } as const;

const contestedFirst = (feature: FeatureCase, change: ChangeCase): [FeatureCase, ChangeCase] => {
  const next = withContest(feature, change);
  return [next, next.changes.get(change.number) ?? change];
};

export const applyEvent = (feature: FeatureCase, change: ChangeCase, event: FeatureEvent): FeatureCase => {
  switch (event.type) {
    case 'RequirementMet': {
      const known = { ...requirementOf(change, event.requirement), status: 'met' as const, metAt: event.at };
      const met = withRequirement(change, event.requirement, known);
      return withChange(feature, { ...met, requirements: withOpened(met.requirements, event.opens) });
    }
    case 'ChangeVetoed': {
      const { requirement, at, until } = event;
      if (event.by === 'holder' && change.maintenance) return applyEvent(...contestedFirst(feature, change), event);
      const refused = withRequirement(change, requirement, { ...requirementOf(change, requirement), status: 'refused' });
      return withChange(feature, { ...refused, status: 'vetoed', veto: { requirement, at, until } });
    }
    case 'VetoOverridden':
      return withChange(feature, overridden(change, event));
    case 'ChangeRefused': {
      if (REFUSALS.includes(event.because) && change.maintenance) return applyEvent(...contestedFirst(feature, change), event);
      const known = change.requirements.get(event.requirement);
      const marked = known === undefined ? change : withRequirement(change, event.requirement, { ...known, status: 'refused' });
      return withChange(feature, closed(marked, 'refused'));
    }
    case 'ChangeLapsed':
      return withChange(feature, closed(change, 'lapsed'));
    case 'ChangeApproved':
      return approved(feature, change, event);
    case 'ApprovalBegan':
      return withApprovalBegun(endAll(feature, event.replaces, 'replaced'), change);
    case 'ApprovalEnded':
      return endAll(feature, [...event.ends, change.number], ENDED_AS[event.because]);
    case 'FeatureRemoved':
      return removed(feature, event);
    default:
      return feature;
  }
};

export const withClocksResumed = ({ requirements }: ChangeCase, from: string, to: string): Map<string, RequirementCase> => {
  const next = new Map<string, RequirementCase>();
  for (const [id, each] of requirements) {
    const { status, deadlineAt, overrideUntil } = each;
    const later = { deadlineAt: postponedBy(deadlineAt, from, to), overrideUntil: postponedBy(overrideUntil, from, to) };
    next.set(id, status === 'open' ? { ...each, ...later } : each);
  }
  return next;
};

const afterVeto = (change: ChangeCase, at: string): Map<string, RequirementCase> =>
  withClocksResumed(change, change.veto?.at ?? at, at);

/** Returns a change whose veto was taken back: open again, with the requirement's own deadline unchanged. */
export const reopened = (change: ChangeCase, { requirement, at }: EventOf<'SignatureGiven'>): ChangeCase => {
  const known = { ...requirementOf(change, requirement), status: 'open' as const, voters: [] };
  return { ...change, status: 'pending', veto: null, requirements: afterVeto(change, at).set(requirement, known) };
};

const overridden = (change: ChangeCase, event: EventOf<'VetoOverridden'>): ChangeCase => {
  const requirements = afterVeto(change, event.at);
  const known = requirementOf(change, event.requirement);
  requirements.set(event.requirement, { ...known, status: 'overridden', metAt: event.at });
  return {
    ...change,
    status: 'pending',
    veto: null,
    waiting: null,
    closesAt: event.closesAt,
    requirements: withOpened(requirements, event.opens),
  };
};

/** Returns the approvals that end together with a change's: one that waits ends with the one in force. */
export const endingWith = ({ waiting }: FeatureCase, { number }: ChangeCase): number[] =>
  waiting === null || waiting === number ? [] : [waiting];

/** Ends changes. One that had yet to begin becomes the last approval, unless another is in force or it was replaced. */
export const endAll = (feature: FeatureCase, numbers: readonly number[], status: ChangeCase['status']): FeatureCase =>
  numbers.reduce((current, number) => {
    const each = current.changes.get(number);
    if (each === undefined) return current;
    const next = withChange(current, closed(each, status));
    if (current.waiting !== number) return next;
    const last = status !== 'replaced' && inForce(next) === undefined ? number : next.standing;
    return { ...next, waiting: null, standing: last };
  }, feature);

/**
 * Returns a feature after the notice of its removal. Of two pending removals the earlier effect applies, and only words that arrive
 * after both can be on again. A removal that was complete before the next was announced no longer counts.
 */
const removed = (feature: FeatureCase, { at, closes, effectiveAt }: EventOf<'FeatureRemoved'>): FeatureCase => {
  const before = feature.removal === null || feature.removal.place[0] <= at ? null : feature.removal;
  const first = before !== null && before.effectiveAt < effectiveAt ? before.effectiveAt : effectiveAt;
  const over = before !== null && before.place[0] > effectiveAt ? before.place[0] : effectiveAt;
  return { ...endAll(feature, closes, 'removed'), removal: { effectiveAt: first, place: [over, feature.arrivals] } };
};

const approved = (feature: FeatureCase, change: ChangeCase, event: EventOf<'ChangeApproved'>): FeatureCase => {
  const { at, validUntil, becomes, replaces } = event;
  const status = becomes === 'replaced' ? 'replaced' : 'approved';
  const own = { ...closed(change, status), validUntil, approvedAt: at };
  const next = withChange(endAll(feature, replaces, 'replaced'), own);
  if (becomes === 'replaced') return next;
  if (becomes === 'waiting') return { ...next, waiting: change.number };
  const postponed = inForce(next);
  return withApprovalBegun(postponed === undefined ? next : { ...next, waiting: postponed.number }, own);
};
