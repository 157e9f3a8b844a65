import { localDateOf } from '../kernel/zone.ts';
import { firstVote, lastMeeting } from '../policy/overrideTime.ts';
import type { ChangeView } from './changeView.ts';

/**
 * The local dates of a second vote on a veto. `first`: the first on which it counts; `meeting`: that of the named meeting; `lastMeeting`:
 * the last on which a meeting that is named can be held. Null where none is, or can be.
 */
export interface SecondVote {
  readonly first: string;
  readonly meeting: string | null;
  readonly lastMeeting: string | null;
}

/** Returns the dates of a second vote on the veto of a change; undefined without a veto. */
export const secondVoteOf = (
  { veto, requirements }: Pick<ChangeView, 'veto' | 'requirements'>,
  zone: string,
): SecondVote | undefined => {
  if (veto === null) return undefined;
  const { at, meeting } = veto;
  const rule = requirements.find(({ id }) => id === veto.requirement)?.rule.override;
  return rule === undefined
    ? { first: localDateOf(at, zone), meeting, lastMeeting: null }
    : { first: firstVote(rule, at, zone), meeting, lastMeeting: lastMeeting(rule, at, zone) ?? null };
};
