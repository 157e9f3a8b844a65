import type { EventOf } from '../feature/events.ts';
import { latest } from '../kernel/order.ts';
import { type ChangeCase, type FeatureCase, isOpen, type Place, type RunningWords, required, takesLateBallots } from './case.ts';

// Arrival decides. The approval in force is the one whose words arrived last; later words that run unasked make it untrue.

const comesAfter = ([at, arrival]: Place, [otherAt, other]: Place): boolean => (at === otherAt ? arrival > other : at > otherAt);

type Wording = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;

/** Returns when words take effect: not before they arrive. */
export const effectOf = ({ notice: { effectiveAt }, at }: Wording): string => latest(at, effectiveAt ?? undefined);

type Facts = Wording['notice'];

/** Reports whether the city may stop words; terms only if the vendor states that the city may decline them. */
export const mayBeStopped = ({ kind, optOut }: Facts): boolean =>
  (['new-feature', 'update', 'data-sharing', 'terms'].includes(kind) && optOut === 'yes') ||
  (['new-feature', 'update', 'data-sharing'].includes(kind) && optOut === 'unknown');

/** Reports whether words run from their day on unless the city stops them. A vendor that keeps them off until asked states so. */
const runsUnlessStopped = (notice: Facts): boolean =>
  mayBeStopped(notice) &&
  notice.optOut === 'yes' &&
  ['on', 'unknown'].includes(notice.withoutAction) &&
  notice.effectiveAt !== null;

const isLeftToTheVendor = (notice: Facts): boolean =>
  notice.kind !== 'removal' && (notice.optOut === 'no' || notice.optOut === 'unknown' || runsUnlessStopped(notice));

/** Returns where words count as arrived: not before they take effect if the vendor leaves no choice or takes silence as consent. */
export const placeOfWords = (event: Wording, arrival: number): Place => [
  isLeftToTheVendor(event.notice) ? effectOf(event) : event.at,
  arrival,
];

/** Reports whether words run unasked once they take effect. A notice of the contract leaves the contract, a key of one segment, on. */
export const runsUnasked = ({ notice }: Wording, key: string): boolean =>
  isLeftToTheVendor(notice) && (notice.kind !== 'contract' || key.split('.').length > 1);

/** Reports whether an opt-out recorded at `at` came before the vendor's last day for it and before the words took effect. */
export const stoppedBefore = ({ notice, effect }: ChangeCase, at: string): boolean => {
  if (notice.optOutBy !== null && notice.optOutBy <= at) return false;
  return notice.effectiveAt === null || at < effect;
};

/** Returns a change whose newest words the city stopped: they count as arrived when they came. */
export const withWordsStopped = (change: ChangeCase): ChangeCase => {
  if (!runsUnlessStopped(change.notice)) return change;
  const words = change.running.filter(({ place }) => place[1] !== change.arrival);
  return { ...change, running: words, place: [change.since, change.arrival] };
};

/** Returns the words of earlier revisions that took effect. */
export const runningAt = (known: readonly RunningWords[], at: string): readonly RunningWords[] =>
  known.filter(({ place: [from] }) => from <= at);

export const inForce = ({ standing, changes }: FeatureCase): ChangeCase | undefined => {
  const found = standing === null ? undefined : changes.get(standing);
  return found?.status === 'approved' ? found : undefined;
};

export const waitingApproval = ({ waiting, changes }: FeatureCase): ChangeCase | undefined =>
  waiting === null ? undefined : changes.get(waiting);

/** Reports whether words take effect before those in force do, but arrived after those were announced. */
const comesBetween = (now: ChangeCase, { place }: ChangeCase, at: string): boolean =>
  comesAfter(place, earliestPlace(now, at)) && place[0] < now.place[0];

/** Returns what ends when words begin that take effect before those in force: if another waits, the earlier of the two. */
const endedByEarlier = (now: ChangeCase, next: ChangeCase | undefined): number[] => {
  if (next === undefined) return [];
  return [comesAfter(next.place, now.place) ? now.number : next.number];
};

export const effectOfApproval = (
  feature: FeatureCase,
  change: ChangeCase,
  from: string | null,
  at: string,
): Pick<EventOf<'ChangeApproved'>, 'becomes' | 'replaces'> => {
  const { place, effect } = change;
  const [now, next] = [inForce(feature), waitingApproval(feature)];
  const starts = from === null || from <= at;
  if (now !== undefined && comesAfter(now.place, place)) {
    const isBetween = starts && comesBetween(now, change, at);
    return isBetween ? { becomes: 'in-force', replaces: endedByEarlier(now, next) } : { becomes: 'replaced', replaces: [] };
  }
  const mustWait = (from !== null && from > at) || (now !== undefined && effect > at);
  const nextIsLater = next !== undefined && comesAfter(next.place, place);
  if (mustWait && nextIsLater) return { becomes: 'replaced', replaces: [] };
  const ended = [mustWait ? undefined : now, nextIsLater ? undefined : next];
  return {
    becomes: mustWait ? 'waiting' : 'in-force',
    replaces: ended.flatMap((each) => (each === undefined ? [] : [each.number])),
  };
};

/**
 * Returns a waiting approval whose words count as arrived before those in force, because the city stopped them. It never begins and
 * ends with the approval in force.
 */
export const overtakenWaiting = (feature: FeatureCase): ChangeCase | undefined => {
  const [now, next] = [inForce(feature), waitingApproval(feature)];
  return now !== undefined && next !== undefined && comesAfter(now.place, next.place) ? next : undefined;
};

export const beginsAt = (feature: FeatureCase): string | null => {
  const next = waitingApproval(feature);
  if (next?.approvedAt == null || overtakenWaiting(feature) !== undefined) return null;
  const now = inForce(feature);
  const last = feature.standing === null ? undefined : feature.changes.get(feature.standing);
  const freed = (last?.status === 'expired' && last.validUntil) || undefined;
  return latest(next.approvedAt, next.terms?.from ?? undefined, now === undefined ? freed : next.effect);
};

/** Returns the removal that ends words, whenever they take effect, because they arrived before the removal was complete. */
const removalOf = ({ removal }: FeatureCase, { since, arrival }: ChangeCase): FeatureCase['removal'] =>
  removal !== null && comesAfter(removal.place, [since, arrival]) ? removal : null;

export const removedAt = (feature: FeatureCase, change: ChangeCase): string | null => {
  const removal = removalOf(feature, change);
  const { approvedAt } = change;
  if (removal === null || approvedAt === null) return null;
  return latest(removal.effectiveAt, approvedAt);
};

export const wasOvertaken = (feature: FeatureCase, change: ChangeCase, at: string): boolean => {
  const now = inForce(feature);
  const over = removalOf(feature, change)?.place[0];
  if (over !== undefined && over <= at) return true;
  const isBehind = [now, waitingApproval(feature)].some((each) => each !== undefined && comesAfter(each.place, change.place));
  if (isBehind && (now === undefined || !comesBetween(now, change, at))) return true;
  return isOutdated(feature, change, at);
};

/** Reports whether words that arrived later run unasked. */
export const isOutdated = (feature: FeatureCase, change: ChangeCase, at: string): boolean => {
  const tolerated = toleratesUpkeep(feature);
  return [...feature.changes.values()].some((each) =>
    runningAt(each.running, at).some(({ place, upkeep }) => comesAfter(place, change.place) && !(upkeep && tolerated)),
  );
};

/** Reports whether maintenance needs no vote now: the terms in force say so, and no contest is unsettled. */
const toleratesUpkeep = (feature: FeatureCase): boolean =>
  feature.contest === null && inForce(feature)?.terms?.maintenance === true;

export const isUpkeep = (feature: FeatureCase, change: ChangeCase): boolean => {
  const now = inForce(feature);
  if (now === undefined || !toleratesUpkeep(feature)) return false;
  return isOpen(change) ? change.maintenance : change.running.some(({ place, upkeep }) => upkeep && comesAfter(place, now.place));
};

export const withContest = (feature: FeatureCase, change: ChangeCase): FeatureCase => {
  const words = change.running.map((each) => (each.upkeep ? { ...each, upkeep: false, contested: true } : each));
  const changes = new Map(feature.changes).set(change.number, { ...change, maintenance: false, running: words });
  return { ...feature, changes, contest: { change: change.number, arrival: change.arrival } };
};

export const withApprovalBegun = (feature: FeatureCase, change: ChangeCase): FeatureCase => {
  const { contest } = feature;
  const last = contest === null ? undefined : feature.changes.get(contest.change)?.running.at(-1);
  const isSettled =
    contest !== null && change.arrival >= contest.arrival && (last === undefined || !comesAfter(last.place, change.place));
  return {
    ...feature,
    standing: change.number,
    waiting: feature.waiting === change.number ? null : feature.waiting,
    contest: isSettled ? null : contest,
    removal: removalOf(feature, change),
  };
};

export const withRollback = (feature: FeatureCase, change: ChangeCase): FeatureCase => {
  const changes = new Map(feature.changes).set(change.number, {
    ...change,
    status: isOpen(change) ? 'withdrawn' : change.status,
    running: [],
  });
  if (feature.contest?.change !== change.number) return { ...feature, changes };
  const other = [...changes.values()].findLast(({ running: words }) => words.some(({ contested }) => contested));
  return { ...feature, changes, contest: other === undefined ? null : { change: other.number, arrival: other.arrival } };
};

/** Returns the earliest place that words may still get: that of their arrival until they take effect or can no longer be stopped. */
const earliestPlace = (change: ChangeCase, at: string): Place =>
  at < change.effect || (isOpen(change) && runsUnlessStopped(change.notice)) ? [change.since, change.arrival] : change.place;

/**
 * Reports whether the words of a closed change still matter: they have yet to run, they come after words that are or could be
 * approved, or no approval has come after them.
 */
const stillMatters = (feature: FeatureCase, { running: words }: ChangeCase, at: string): boolean => {
  const approved = [inForce(feature), waitingApproval(feature)].filter((each) => each !== undefined);
  const live = [...approved, ...[...feature.changes.values()].filter(isOpen)];
  return words.some(
    ({ place }) =>
      place[0] > at ||
      live.some((each) => comesAfter(place, earliestPlace(each, at))) ||
      !approved.some((each) => !comesAfter(place, each.place)),
  );
};

/** How many of the newest changes are kept for late ballots if no window limits these. */
const KEPT_MAX = 8;

/** Reports whether the city may still have to opt out of words that it did not approve. */
const canStillBeStopped = ({ status, notice, optOut }: ChangeCase): boolean =>
  (status === 'refused' || status === 'lapsed') && mayBeStopped(notice) && optOut?.evidence !== true;

export const pruned = (feature: FeatureCase, at: string): FeatureCase => {
  const waiting = (change: ChangeCase): boolean => {
    const late = takesLateBallots(change, at) && required(change).some(({ instrument }) => instrument === 'ballots');
    return late && (change.closesAt !== null || change.number > feature.count - KEPT_MAX);
  };
  const kept = [...feature.changes.values()].filter(
    (change) =>
      isOpen(change) ||
      change.number === feature.standing ||
      change.number === feature.waiting ||
      waiting(change) ||
      canStillBeStopped(change) ||
      stillMatters(feature, change, at),
  );
  if (kept.length === feature.changes.size) return feature;
  return { ...feature, changes: new Map(kept.map((change) => [change.number, change])) };
};
