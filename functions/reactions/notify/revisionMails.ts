import { changeId } from '../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { latest } from '../../../domain/kernel/order.ts';
import type { ChangeReading } from '../../register/read.ts';
import type { Draft } from './draft.ts';
import { draftsFor } from './drafts.ts';
import type { Scene } from './scene.ts';

/** Revisions that arrive within this time of the last mails about a revision share the next ones. */
const TOGETHER_MS = 3_600_000;
/** Time after which mails that an outage kept from leaving are left to the first mail of those who have no link yet. */
const GIVEN_UP_MS = 24 * TOGETHER_MS;

const plus = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

/**
 * Returns when the mails about the newest wording of a change are due. Those about the notice and about its first revision are due at
 * once; later revisions share mails, which are due an hour after the last ones, or at once if that hour is over. So a change sends mails
 * about revisions once an hour at most, however often it is revised.
 */
export const mailsDue = ([notice, ...revisions]: readonly { readonly at: string }[]): string =>
  revisions.reduce((due: string | undefined, { at }) => {
    if (due === undefined) return at;
    return at < due ? due : latest(at, plus(due, TOGETHER_MS));
  }, undefined) ??
  notice?.at ??
  '';

/** Reports whether the mails about a revision wait for those about later ones. */
export const isHeldBack = ({ revisions }: Pick<ChangeView, 'revisions'>, revision: number): boolean => {
  const until = revisions.filter((each) => each.revision <= revision);
  return mailsDue(until) !== until.at(-1)?.at;
};

/** Names the mails about the words of a change as they stand, so that each person gets them once, whichever revision asks for them. */
export const wordsEvent = ({ key, number, revisions }: Pick<ChangeView, 'key' | 'number' | 'revisions'>): string =>
  `words/${changeId(key, number)}/${revisions.at(-1)?.revision ?? 1}`;

/** Reports whether mails about the newest revision waited and are due now. */
export const isMailOverdue = ({ view }: ChangeReading, now: string): boolean => {
  const { revisions } = view;
  const due = mailsDue(revisions);
  return due !== revisions.at(-1)?.at && due <= now && now < plus(due, GIVEN_UP_MS);
};

/** Returns the mails about the newest revision of a change, to everyone whom it concerns as the change stands now. */
export const revisionDrafts = (scene: Scene): readonly Draft[] => {
  const { number: n, requirements } = scene.reading.view;
  const triggers = [
    { n, kind: 'pinned' as const },
    ...requirements.map(({ id: requirement }) => ({ n, kind: 'opened' as const, requirement })),
  ];
  return triggers.flatMap((trigger) => draftsFor(scene, trigger, undefined).drafts);
};
