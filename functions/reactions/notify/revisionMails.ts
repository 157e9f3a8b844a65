import { changeId } from '../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { latest } from '../../../domain/kernel/order.ts';
import type { ChangeReading } from '../../register/read.ts';
import type { Draft } from './draft.ts';
import { draftsFor } from './drafts.ts';
import type { Scene } from './scene.ts';

const TOGETHER_MS = 3_600_000;
/** After this time mails that an outage kept from leaving are left to the first mail of those who have no link yet. */
const GIVEN_UP_MS = 24 * TOGETHER_MS;

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

/** Each person gets the mails about the same words once, whichever revision asks for them. */
export const wordsEvent = ({ key, number, revisions }: Pick<ChangeView, 'key' | 'number' | 'revisions'>): string =>
  `words/${changeId(key, number)}/${revisions.at(-1)?.revision ?? 1}`;

export const isMailOverdue = ({ view }: ChangeReading, now: string): boolean => {
  const { revisions } = view;
  const due = mailsDue(revisions);
  return due !== revisions.at(-1)?.at && due <= now && now < plus(due, GIVEN_UP_MS);
};

/** As the change stands now. */
export const revisionDrafts = (scene: Scene): readonly Draft[] => {
  const { number: n, requirements } = scene.reading.view;
  const triggers = [
    { n, kind: 'pinned' as const },
    ...requirements.map(({ id: requirement }) => ({ n, kind: 'opened' as const, requirement })),
  ];
  return triggers.flatMap((trigger) => draftsFor(scene, trigger, undefined).drafts);
};
