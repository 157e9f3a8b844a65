import { PASSED, reject } from '../../kernel/decider.ts';
import { latest } from '../../kernel/order.ts';
import { localDateOf } from '../../kernel/zone.ts';
import type { Requirement } from '../../policy/schema.ts';
import { type ChangeState, isSatisfied } from '../state.ts';
import type { Certify } from './certificate.ts';
import type { FeatureCheck } from './guard.ts';

/**
 * Returns the local day on which a requirement was satisfied (for a certified vote, the day of its meeting); undefined if it is not.
 */
const dayDecided = (change: Pick<ChangeState, 'requirements'>, id: string, zone: string): string | undefined => {
  const { meeting, deadlineAt: since } = change.requirements[id] ?? {};
  if (!isSatisfied(change, id)) return undefined;
  return meeting ?? (since == null ? undefined : localDateOf(since, zone));
};

export type Dated = Pick<ChangeState, 'requirements' | 'from' | 'since' | 'documented'>;

/** A vote held before a document was attached did not cover it. */
const dayOfWords = ({ from, since, documented }: Dated, zone: string): string =>
  localDateOf(latest(from ?? since, documented), zone);

/**
 * Returns the first meeting day on which a vote counts: the words can be decided, and the requirements before it are satisfied.
 */
export const firstMeeting = (change: Dated, { after = [] }: { readonly after?: readonly string[] }, zone: string): string =>
  latest(dayOfWords(change, zone), ...after.map((id) => dayDecided(change, id, zone)));

export const checkMeeting = ({ meetingDate, at, zone }: Certify, change: ChangeState, requirement: Requirement): FeatureCheck => {
  if (meetingDate > localDateOf(at, zone))
    return reject('meeting-in-future', 'a meeting that has not been held cannot be certified', '/meetingDate');
  const from = dayOfWords(change, zone);
  if (meetingDate < from)
    return reject(
      'meeting-before-revision',
      `revision ${change.revision} could be decided from ${from}; a vote before that was on other words or documents, or too soon`,
      '/meetingDate',
    );
  const first = firstMeeting(change, requirement, zone);
  return meetingDate < first
    ? reject('meeting-out-of-time', `what this vote comes after was decided on ${first}`, '/meetingDate')
    : PASSED;
};
