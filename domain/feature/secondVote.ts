import { localDateOf } from '../kernel/zone.ts';
import { firstVote } from '../policy/overrideTime.ts';
import type { Requirement } from '../policy/schema.ts';
import type { ChangeView } from './view.ts';

export const firstSecondVote = (
  { requirement, at }: { readonly requirement: string; readonly at: string },
  rules: readonly Requirement[],
  zone: string,
): string => {
  const rule = rules.find(({ id }) => id === requirement)?.override;
  return rule === undefined ? localDateOf(at, zone) : firstVote(rule, at, zone);
};

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
