import type { EventOf, FeatureEvent } from '../../../domain/feature/events.ts';
import { plusDuration } from '../../../domain/kernel/zone.ts';
import type { Requirement } from '../../../domain/policy/schema.ts';

type Acts = readonly FeatureEvent[];

/**
 * Why a second vote came at the wrong time, in UTC. It is certified before the end that the veto's event states, and held from the first day
 * of the rule to the last.
 */
export const lateness = (
  { within }: NonNullable<Requirement['override']>,
  veto: EventOf<'ChangeVetoed'>,
  since: Acts,
): string | null => {
  const vote = since.find((event) => event.type === 'VoteCertified' && event.purpose === 'override');
  if (vote?.type !== 'VoteCertified') return 'never overturned';
  if (vote.at < veto.at || vote.at >= veto.until) return 'overturned at the wrong time';
  const first =
    typeof within === 'string' || within.notBefore === undefined ? veto.at : plusDuration(veto.at, within.notBefore, 'UTC');
  const held = vote.meetingDate;
  if (held < first.slice(0, 10)) return 'the second vote was held too early';
  return held > veto.until.slice(0, 10) ? 'the second vote was held too late' : null;
};
