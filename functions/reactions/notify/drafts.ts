import { secondVoteFrom } from '../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { lackingPersons } from '../../../domain/feature/persons.ts';
import { findChange, isOpen } from '../../../domain/feature/state.ts';
import type { RequirementView } from '../../../domain/feature/view.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { alarmsOf } from '../../../domain/policy/alarms.ts';
import { confirmersFor, linksFor, type Seated } from '../../gate/linksFor.ts';
import type { MailTrigger } from '../../platform/acts.ts';
import type { Due } from '../../register/waiting.ts';
import type { Draft } from './draft.ts';
import * as letters from './letters.ts';
import { aboutOf, alarmed, type Drafted, draftBase, linkTargetOf, NOTHING, type RosterAlarm, type Scene } from './scene.ts';

/** The event that opened it may be old. */
const openNow = (scene: Scene, id: string): RequirementView | undefined => {
  const { view, state } = scene.reading;
  const change = findChange(advanceTo(state, scene.now), view.number);
  if (change === undefined || !isOpen(change) || change.requirements[id]?.status !== 'open') return undefined;
  return view.requirements.find((requirement) => requirement.id === id);
};

const invitedTo = ({ reading: { view, state }, roster, now, zone }: Scene, { rule }: RequirementView): readonly Seated[] =>
  linksFor(rule, { by: findChange(state, view.number)?.by ?? '' }, roster, localMoment(now, zone));

const toAct = (
  about: letters.About,
  seated: Seated,
  requirement: RequirementView,
  { purpose, write }: Pick<Draft, 'purpose' | 'write'>,
): Draft => ({
  ...draftBase(about),
  to: { holder: seated.holder.id },
  purpose: `${purpose}/${seated.seat}`,
  target: linkTargetOf(about, seated, requirement.id),
  write,
});

const unfilled = ({ id, body }: RequirementView): RosterAlarm => ({ requirement: id, code: 'no-official', body });

const opened = (scene: Scene, requirement: RequirementView): Drafted => {
  const about = aboutOf(scene);
  const write: Draft['write'] = (words, link) => letters.decideLetter(words, about, requirement, link);
  const purpose = `decide/${requirement.id}`;
  const drafts = invitedTo(scene, requirement).map((seated) => toAct(about, seated, requirement, { purpose, write }));
  if (drafts.length > 0) return { drafts, alarms: [] };
  // The alarm of the whole rule covers this requirement: repeated, it is the same mail and is sent once.
  const known = ruleAlarms(scene).some((alarm) => alarm.requirement === requirement.id);
  const own = unfilled(requirement);
  const alarm = known ? alarmed(scene, about, ruleAlarms(scene), 'rule') : alarmed(scene, about, [own], requirement.id);
  return { drafts: alarm.drafts, alarms: [own] };
};

const ruleAlarms = ({ reading: { view }, roster, now, zone }: Scene): readonly RosterAlarm[] => {
  if (view.pinned === null) return [];
  const { rule, require } = view.pinned;
  return alarmsOf({ id: rule, when: {}, require }, roster, localMoment(now, zone)).map(({ requirement, code }) => ({
    requirement,
    code,
    body: require.find(({ id }) => id === requirement)?.body ?? requirement,
  }));
};

/** When the notice arrives, if its rule cannot be met under the present roster. */
const pinned = (scene: Scene): Drafted => {
  const { view, state } = scene.reading;
  const change = findChange(advanceTo(state, scene.now), view.number);
  if (change === undefined || !isOpen(change)) return NOTHING;
  return alarmed(scene, aboutOf(scene), ruleAlarms(scene), 'rule');
};

const vetoOf = ({ view, zone }: letters.About, requirement: string): letters.Veto | undefined => {
  const by = view.requirements.find(({ id }) => id === requirement);
  const over = view.requirements.find(({ id }) => id === by?.rule.override?.requirement);
  const from = secondVoteFrom(view, zone);
  if (by === undefined || over === undefined || view.veto?.requirement !== requirement || from === undefined) return undefined;
  return { by, over, yes: by.rule.override?.yes ?? 0, from, until: view.veto.until };
};

const overrideDraft = (about: letters.About, seated: Seated, veto: letters.Veto, purpose: string): Draft =>
  toAct(about, seated, veto.over, { purpose, write: (words, link) => letters.overrideLetter(words, about, veto, link) });

const vetoed = (scene: Scene, requirement: string): Drafted => {
  const about = aboutOf(scene);
  const veto = about.view.status === 'vetoed' ? vetoOf(about, requirement) : undefined;
  if (veto === undefined) return NOTHING;
  const clerks = invitedTo(scene, veto.over);
  return {
    alarms: clerks.length === 0 ? [unfilled(veto.over)] : [],
    drafts: clerks.map((seated) => overrideDraft(about, seated, veto, `override/${veto.over.id}`)),
  };
};

const certified = (scene: Scene): Drafted => {
  const about = aboutOf(scene);
  const { view, state } = scene.reading;
  const requirement = view.requirements.find(({ id }) => id === view.confirmation?.requirement);
  if (requirement === undefined || view.confirmation === null || view.confirmation.disputed) return NOTHING;
  const confirmers = confirmersFor(state, view.number, scene.roster, localMoment(scene.now, scene.zone));
  if (confirmers.length === 0) return alarmed(scene, about, [unfilled(requirement)], 'confirm');
  return { alarms: [], drafts: confirmers.map((seated) => confirmDraft(about, seated, requirement)) };
};

const confirmDraft = (about: letters.About, seated: Seated, requirement: RequirementView): Draft =>
  toAct(about, seated, requirement, {
    purpose: `confirm/${requirement.id}/${about.view.confirmation?.certificate ?? ''}`,
    write: (words, link) => letters.certificateLetter(words, about, requirement, 'confirm', link),
  });

const disputed = (scene: Scene, id: string): Drafted => {
  const about = aboutOf(scene);
  const { view } = scene.reading;
  const requirement = view.requirements.find((each) => each.id === id);
  if (requirement === undefined || view.confirmation?.disputed !== true) return NOTHING;
  const purpose = `disputed/${id}/${view.confirmation.certificate}`;
  const write: Draft['write'] = (words, link) => letters.certificateLetter(words, about, requirement, 'disputed', link);
  return {
    alarms: [],
    drafts: invitedTo(scene, requirement).map((seated) => toAct(about, seated, requirement, { purpose, write })),
  };
};

/** Something that waits for one person now, such as after a lost phone. */
export const draftToDecide = (scene: Scene, { who, requirement, asks }: Due): Draft => {
  const about = aboutOf(scene);
  if (asks === 'confirm') return confirmDraft(about, who, requirement);
  const purpose = `again/${changeId(about.view.key, about.view.number)}/${requirement.id}`;
  const veto = asks === 'override' ? vetoOf(about, about.view.veto?.requirement ?? '') : undefined;
  if (veto !== undefined) return overrideDraft(about, who, veto, purpose);
  return toAct(about, who, requirement, {
    purpose,
    write: (words, link) => letters.decideLetter(words, about, requirement, link),
  });
};

/** When every body has approved and one person alone acted for them; also to IT. */
const satisfied = (scene: Scene, requirement: string, itMail: string | undefined): Drafted => {
  const about = aboutOf(scene);
  const body = about.view.requirements.find(({ id }) => id === requirement)?.body;
  const { state, view } = scene.reading;
  const lacks = lackingPersons(advanceTo(state, scene.now)).some(({ number }) => number === view.number);
  if (body === undefined || !lacks) return NOTHING;
  const others = itMail === undefined ? [] : [{ itMail }];
  return alarmed(scene, about, [{ requirement, code: 'two-persons', body }], 'persons', others);
};

/** As the change stands now. */
export const draftsFor = (
  scene: Scene,
  trigger: Exclude<MailTrigger, { kind: 'rollback' }>,
  itMail: string | undefined,
): Drafted => {
  switch (trigger.kind) {
    case 'satisfied':
      return satisfied(scene, trigger.requirement, itMail);
    case 'opened': {
      const requirement = openNow(scene, trigger.requirement);
      return requirement === undefined ? NOTHING : opened(scene, requirement);
    }
    case 'pinned':
      return pinned(scene);
    case 'certified':
      return certified(scene);
    case 'disputed':
      return disputed(scene, trigger.requirement);
    case 'vetoed':
      return vetoed(scene, trigger.requirement);
  }
};
