import { localDateOf } from '../kernel/zone.ts';
import { firstVote, lastMeeting } from '../policy/overrideTime.ts';
import type { Requirement } from '../policy/schema.ts';
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

/** Returns the first local date on which a second vote on a veto counts. `rules`: those that bind the change. */
export const firstSecondVote = (
  { requirement, at }: { readonly requirement: string; readonly at: string },
  rules: readonly Requirement[],
  zone: string,
): string => {
  const rule = rules.find(({ id }) => id === requirement)?.override;
  return rule === undefined ? localDateOf(at, zone) : firstVote(rule, at, zone);
};

/** Returns the dates of a second vote on the veto of a change; undefined without a veto. */
export const secondVoteOf = (
  { veto, requirements }: Pick<ChangeView, 'veto' | 'requirements'>,
  zone: string,
): SecondVote | undefined => {
  if (veto === null) return undefined;
  const { at, meeting } = veto;
  const rules = requirements.map(({ rule }) => rule);
  const rule = rules.find(({ id }) => id === veto.requirement)?.override;
  const last = rule === undefined ? undefined : lastMeeting(rule, at, zone);
  return { first: firstSecondVote(veto, rules, zone), meeting, lastMeeting: last ?? null };
};
