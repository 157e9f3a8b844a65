import { localDateOf } from '../kernel/zone.ts';
import { firstVote } from '../policy/overrideTime.ts';
import type { Requirement } from '../policy/schema.ts';
import type { ChangeView } from './view.ts';

/** Returns the first local date on which a second vote on a veto counts. `rules`: those that bind the change. */
export const firstSecondVote = (
  { requirement, at }: { readonly requirement: string; readonly at: string },
  rules: readonly Requirement[],
  zone: string,
): string => {
  const rule = rules.find(({ id }) => id === requirement)?.override;
  return rule === undefined ? localDateOf(at, zone) : firstVote(rule, at, zone);
};

/** Returns the same for the veto of a change; undefined without a veto. */
export const secondVoteFrom = (
  { veto, requirements }: Pick<ChangeView, 'veto' | 'requirements'>,
  zone: string,
): string | undefined =>
  veto === null
    ? undefined
    : firstSecondVote(
        veto,
        requirements.map(({ rule }) => rule),
        zone,
      );
