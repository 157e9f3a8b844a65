import { advanceTo } from '../../../domain/feature/due.ts';
import { awaitsRollback } from '../../../domain/feature/evolve/forced.ts';
import { isEntered } from '../../../domain/feature/notice.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import type { LinkTarget } from '../../gate/links.ts';
import { rollbackConfirmersFor, type Seated } from '../../gate/linksFor.ts';
import { readRules } from '../../gate/rules.ts';
import { fillText } from '../../platform/catalogue.ts';
import type { ChangeReading } from '../../register/read.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import { type Draft, holderOf } from './draft.ts';
import { aboutOf, draftBase, readLimitsAbove, type Scene } from './scene.ts';

type RulesPorts = Parameters<typeof readRules>[0];
type HeadPorts = Parameters<typeof readLimitsAbove>[0];

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

/** Returns the mails by which one person confirms the rollbacks that wait for them, of the changes given. */
export const ownRollbackDrafts = async (
  ports: HeadPorts,
  scene: Omit<Scene, 'reading' | 'above'>,
  holder: string,
  readings: readonly ChangeReading[],
): Promise<readonly Draft[]> => {
  const waiting = readings.filter(({ view, state }) => awaitsRollback(advanceTo(state, scene.now), view.number, scene.now));
  const drafts = waiting.map(async (reading) => {
    const above = await readLimitsAbove(ports, reading.view.key);
    return (await draftsOf(ports, { ...scene, above, reading })).filter((draft) => holderOf(draft) === holder);
  });
  return (await Promise.all(drafts)).flat();
};
