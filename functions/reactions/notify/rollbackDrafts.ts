import { advanceTo } from '../../../domain/feature/due.ts';
import { isEntered } from '../../../domain/feature/notice.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import type { LinkTarget } from '../../gate/links.ts';
import { rollbackConfirmersFor, type Seated } from '../../gate/linksFor.ts';
import { readRules } from '../../gate/rules.ts';
import { fillText } from '../../platform/catalogue.ts';
import { listFacet } from '../../register/listFeatures.ts';
import { readChange } from '../../register/read.ts';
import type { RegisterPorts } from '../../register/registerIndex.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import { ROLLBACKS } from '../../register/waitingRollbacks.ts';
import { type Draft, holderOf } from './draft.ts';
import { aboutOf, draftBase, readLimitsAbove, type Scene } from './scene.ts';

type RulesPorts = Parameters<typeof readRules>[0];

/** Returns the target of a person's link to confirm a rollback. */
const targetOf = ({ key, n, revision }: { key: string; n: number; revision: number }, who: Seated): LinkTarget => ({
  purpose: 'confirm-rollback',
  holder: who.holder.id,
  body: who.body,
  seat: who.seat,
  key,
  n,
  revision,
});

const draftsOf = async (ports: RulesPorts, scene: Scene): Promise<readonly Draft[]> => {
  const { reading, roster, now, zone } = scene;
  const about = aboutOf(scene);
  const { key, number: n } = about.view;
  const { revision, notice } = latestOf(about.view);
  const policy = (await readRules(ports)).policy?.policy ?? null;
  const who = rollbackConfirmersFor(advanceTo(reading.state, now), n, { policy, roster }, localMoment(now, zone));
  const slots = { title: notice.title, change: draftBase(about).change };
  return who.map((each) => ({
    ...draftBase(about),
    to: { holder: each.holder.id },
    purpose: `rollback/${each.body}/${each.seat}`,
    target: targetOf({ key, n, revision }, each),
    write: (words, link) => ({
      subject: fillText(words.subjectRollback, slots),
      paragraphs: [fillText(words.askRollback, slots), words.askTwo, { link }, words.linkIsYours],
    }),
  }));
};

/**
 * Returns a mail to each person who can confirm that a change was rolled back and has not: once its vendor withdrew it, or, of one that
 * the city entered, once one of them has confirmed.
 */
export const rollbackDrafts = async (ports: RulesPorts, scene: Scene): Promise<readonly Draft[]> => {
  const { view } = scene.reading;
  const begins = (view.rollback?.confirmations.length ?? 0) === (isEntered(latestOf(view).provenance) ? 1 : 0);
  return begins ? draftsOf(ports, scene) : [];
};

/** Returns the mails by which one person confirms the rollbacks that wait for them. */
export const ownRollbackDrafts = async (
  ports: RegisterPorts & RulesPorts & { readonly clock: () => string },
  scene: Omit<Scene, 'reading' | 'above'>,
  holder: string,
): Promise<readonly Draft[]> => {
  const waiting = (await listFacet(ports, ROLLBACKS, { now: scene.now })).get('') ?? [];
  const drafts = waiting.map(async ({ key, n }) => {
    const reading = await readChange(ports, key, n);
    if (reading === undefined) return [];
    const above = await readLimitsAbove(ports, key);
    return (await draftsOf(ports, { ...scene, above, reading })).filter((draft) => holderOf(draft) === holder);
  });
  return (await Promise.all(drafts)).flat();
};
