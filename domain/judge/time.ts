import type { FeatureEvent } from '../feature/events.ts';
import type { ChangeCase } from './case.ts';
import { required } from './case.ts';

/**
 * Returns the next time event of a change, and when: a veto that was not overturned becomes final, the window ends, a deadline
 * passes, an approval expires. Undefined: none.
 */
export const nextMoment = (change: ChangeCase): FeatureEvent | undefined => {
  const base = { v: 1, change: change.number } as const;
  if (change.status === 'approved') {
    const at = change.validUntil;
    return at === null ? undefined : { ...base, type: 'ApprovalExpired', at };
  }
  if (change.waiting !== null) {
    const { until: at, requirement } = change.waiting;
    return { ...base, type: 'ChangeRefused', at, requirement: change.veto?.requirement ?? requirement, because: 'unconfirmed' };
  }
  if (change.status === 'vetoed' && change.veto !== null) {
    const { until: at, requirement } = change.veto;
    return { ...base, type: 'ChangeRefused', at, requirement, because: 'veto-stands' };
  }
  if (change.status !== 'pending') return undefined;
  let next: FeatureEvent | undefined =
    change.closesAt === null ? undefined : { ...base, type: 'ChangeLapsed', at: change.closesAt };
  for (const { id } of required(change)) {
    const known = change.requirements.get(id);
    if (known?.status !== 'open' || known.deadlineAt === null) continue;
    const { deadlineAt: at, overrideUntil: until } = known;
    if (next !== undefined && next.at <= at) continue;
    next =
      until === null
        ? { ...base, type: 'ChangeRefused', at, requirement: id, because: 'deadline' }
        : { ...base, type: 'ChangeVetoed', at, requirement: id, by: 'deadline', until };
  }
  return next;
};

/** Reports whether an event is a time event. */
export const isOfTime = (event: FeatureEvent): boolean =>
  event.type === 'ChangeLapsed' ||
  event.type === 'ApprovalExpired' ||
  (event.type === 'ChangeVetoed' && event.by === 'deadline') ||
  (event.type === 'ChangeRefused' && ['deadline', 'veto-stands', 'unconfirmed'].includes(event.because));
