import type { EventOf, FeatureEvent } from '../../../domain/feature/events.ts';
import { plusDuration } from '../../../domain/kernel/zone.ts';
import type { Requirement } from '../../../domain/policy/schema.ts';

type Acts = readonly FeatureEvent[];

const DAY_MS = 86_400_000;

/**
 * Why a second vote came at the wrong time, in UTC. It is certified before the veto ends: at the end that the veto's event states, or with
 * the day of the last meeting named before, whichever is later. It is held from the first day of the rule to the last, or at that meeting.
 */
export const lateness = (
  { within }: NonNullable<Requirement['override']>,
  veto: EventOf<'ChangeVetoed'>,
  since: Acts,
): string | null => {
  const index = since.findIndex((event) => event.type === 'VoteCertified' && event.purpose === 'override');
  const vote = since[index];
  if (vote?.type !== 'VoteCertified') return 'never overturned';
  const meeting = since.slice(0, index).findLast((event) => event.type === 'MeetingNamed');
  const named = meeting?.type === 'MeetingNamed' ? meeting.meetingDate : null;
  const meetingEnd = named === null ? '' : new Date(Date.parse(named) + DAY_MS).toISOString();
  if (vote.at < veto.at || (vote.at >= veto.until && vote.at >= meetingEnd)) return 'overturned at the wrong time';
  const first =
    typeof within === 'string' || within.notBefore === undefined ? veto.at : plusDuration(veto.at, within.notBefore, 'UTC');
  const held = vote.meetingDate;
  if (held < first.slice(0, 10)) return 'the second vote was held too early';
  return held > veto.until.slice(0, 10) && held !== named ? 'the second vote was held too late' : null;
};
