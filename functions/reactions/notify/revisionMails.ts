import type { ChangeView } from '../../../domain/feature/view.ts';
import { latest } from '../../../domain/kernel/order.ts';

const TOGETHER_MS = 3_600_000;
const plus = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

/**
 * When the mails about the newest wording are due. Those about the notice and its first revision are due at once; later revisions share
 * mails, an hour after the last ones: so a change sends mails about revisions once an hour at most.
 */
export const mailsDue = ([notice, ...revisions]: readonly { readonly at: string }[]): string =>
  revisions.reduce((due: string | undefined, { at }) => {
    if (due === undefined) return at;
    return at < due ? due : latest(at, plus(due, TOGETHER_MS));
  }, undefined) ??
  notice?.at ??
  '';

export const isHeldBack = ({ revisions }: Pick<ChangeView, 'revisions'>, revision: number): boolean => {
  const until = revisions.filter((each) => each.revision <= revision);
  return mailsDue(until) !== until.at(-1)?.at;
};

/** Whether the mails about the newest revision are due. */
export const isMailDue = ({ revisions }: Pick<ChangeView, 'revisions'>, now: string): boolean => mailsDue(revisions) <= now;

/** When something that can ask a person came last to a change. */
export const lastTurnOf = ({ revisions, veto, acts }: Pick<ChangeView, 'revisions' | 'veto' | 'acts'>): string =>
  latest(revisions.at(-1)?.at ?? '', veto?.at, acts.at(-1)?.at);
