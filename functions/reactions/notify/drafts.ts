import { advanceTo } from '../../../domain/feature/due.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { lackingPersons } from '../../../domain/feature/persons.ts';
import { secondVoteOf } from '../../../domain/feature/secondVote.ts';
import { findChange, isOpen } from '../../../domain/feature/state.ts';
import type { RequirementView } from '../../../domain/feature/view.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { alarmsOf } from '../../../domain/policy/alarms.ts';
import { bodyOf } from '../../../domain/policy/seats.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import { confirmersFor, linksFor, type Seated } from '../../gate/linksFor.ts';
import type { MailWords } from '../../platform/mail/words.en.ts';
import type { Due } from '../../register/views/dues.ts';
import type { Draft } from './draft.ts';
import * as letters from './letters.ts';
import type { MailTrigger } from './mailTriggers.ts';
import { aboutOf, alarmed, type Drafted, draftBase, linkTargetOf, NOTHING, type RosterAlarm, type Scene } from './scene.ts';

/** Returns a requirement if it can be decided now, on the newest revision. The event that opened it may be old. */
const openNow = (scene: Scene, id: string): RequirementView | undefined => {
  const { view, state } = scene.reading;
  const change = findChange(advanceTo(state, scene.now), view.number);
  if (change === undefined || !isOpen(change) || change.requirements[id]?.status !== 'open') return undefined;
  return view.requirements.find((requirement) => requirement.id === id);
};

const opened = (scene: Scene, requirement: RequirementView): Drafted => {
  const about = aboutOf(scene);
  const { view, state } = scene.reading;
  const change = findChange(state, view.number);
  const day = localMoment(scene.now, scene.zone);
  const { decide, inform } = linksFor(requirement.rule, { by: change?.by ?? '' }, scene.roster, day);
  const drafts: readonly Draft[] = [
    ...decide.map((seated) => ({
      ...draftBase(about),
      to: { holder: seated.holder.id },
      purpose: `decide/${requirement.id}/${seated.seat}`,
      target: linkTargetOf(about, seated, requirement.id),
      write: (words: MailWords, link: string) => letters.decideLetter(words, about, requirement, link),
    })),
    ...inform.map((seated) => ({
      ...draftBase(about),
      to: { holder: seated.holder.id },
      purpose: `inform/${requirement.id}`,
      target: null,
      write: (words: MailWords) => letters.informedLetter(words, about, requirement),
    })),
  ];
  if (decide.length > 0) return { drafts, alarms: [] };
  // The alarm of the whole rule covers this requirement: repeated, it is the same mail and is sent once.
  const known = ruleAlarms(scene).some((alarm) => alarm.requirement === requirement.id);
  const nobody: RosterAlarm = { requirement: requirement.id, code: 'nobody', body: requirement.body };
  const alarm = known ? alarmed(scene, about, ruleAlarms(scene), 'rule') : alarmed(scene, about, [nobody], requirement.id);
  return { drafts: [...drafts, ...alarm.drafts], alarms: [nobody] };
};

/** Returns why the requirements of the pinned rule cannot be met under the present roster. */
const ruleAlarms = ({ reading: { view }, roster, now, zone }: Scene): readonly RosterAlarm[] => {
  if (view.pinned === null) return [];
  const { rule, require } = view.pinned;
  return alarmsOf({ id: rule, when: {}, require }, roster, localMoment(now, zone)).map(({ requirement, code }) => ({
    requirement,
    code,
    body: require.find(({ id }) => id === requirement)?.body ?? requirement,
  }));
};

/** Raises the alarm when the notice arrives if the pinned rule cannot be met under the present roster. */
const pinned = (scene: Scene): Drafted => {
  const { view, state } = scene.reading;
  const change = findChange(advanceTo(state, scene.now), view.number);
  if (change === undefined || !isOpen(change)) return NOTHING;
  return alarmed(scene, aboutOf(scene), ruleAlarms(scene), 'rule');
};

const vetoOf = ({ view, zone }: letters.About, requirement: string): letters.Veto | undefined => {
  const by = view.requirements.find(({ id }) => id === requirement);
  const over = view.requirements.find(({ id }) => id === by?.rule.override?.requirement);
  const second = secondVoteOf(view, zone);
  if (by === undefined || over === undefined || view.veto?.requirement !== requirement || second === undefined) return undefined;
  return { by, over, yes: by.rule.override?.yes ?? 0, until: view.veto.until, second };
};

const vetoed = (scene: Scene, requirement: string): Drafted => {
  const about = aboutOf(scene);
  const veto = about.view.status === 'vetoed' ? vetoOf(about, requirement) : undefined;
  if (veto === undefined) return NOTHING;
  const change = findChange(scene.reading.state, about.view.number);
  const day = localMoment(scene.now, scene.zone);
  const { decide, inform } = linksFor(veto.over.rule, { by: change?.by ?? '' }, scene.roster, day);
  return {
    alarms: decide.length === 0 ? [{ requirement: veto.over.id, code: 'nobody', body: veto.over.body }] : [],
    drafts: [
      ...decide.map((seated) => ({
        ...draftBase(about),
        to: { holder: seated.holder.id },
        purpose: `override/${veto.over.id}/${seated.seat}`,
        target: linkTargetOf(about, seated, veto.over.id),
        write: (words: MailWords, link: string) => letters.overrideLetter(words, about, veto, link),
      })),
      ...inform.map((seated) => ({
        ...draftBase(about),
        to: { holder: seated.holder.id },
        purpose: `vetoed/${veto.over.id}`,
        target: null,
        write: (words: MailWords) => letters.vetoLetter(words, about, veto),
      })),
    ],
  };
};

/** Asks those who can confirm the certificate that waits; raises an alarm if no one can. */
const certified = (scene: Scene): Drafted => {
  const about = aboutOf(scene);
  const { view, state } = scene.reading;
  const requirement = view.requirements.find(({ id }) => id === view.confirmation?.requirement);
  if (requirement === undefined || view.confirmation === null || view.confirmation.disputed) return NOTHING;
  const confirmers = confirmersFor(state, view.number, scene.roster, localMoment(scene.now, scene.zone));
  if (confirmers.length === 0)
    return alarmed(scene, about, [{ requirement: requirement.id, code: 'nobody', body: requirement.body }], 'confirm');
  return { alarms: [], drafts: confirmers.map((seated) => confirmDraft(about, seated, requirement)) };
};

const confirmDraft = (about: letters.About, seated: Seated, requirement: RequirementView): Draft => ({
  ...draftBase(about),
  to: { holder: seated.holder.id },
  purpose: `confirm/${requirement.id}/${about.view.confirmation?.certificate ?? ''}/${seated.seat}`,
  target: linkTargetOf(about, seated, requirement.id),
  write: (words, link) => letters.confirmLetter(words, about, requirement, link),
});

/** Returns a disputed certificate to the clerk of the body. */
const disputed = (scene: Scene, id: string): Drafted => {
  const about = aboutOf(scene);
  const { view, state } = scene.reading;
  const requirement = view.requirements.find((each) => each.id === id);
  if (requirement === undefined || view.confirmation?.disputed !== true) return NOTHING;
  const certificate = view.confirmation.certificate;
  const by = findChange(state, view.number)?.by ?? '';
  const { decide } = linksFor(requirement.rule, { by }, scene.roster, localMoment(scene.now, scene.zone));
  const drafts = decide.map(
    (seated): Draft => ({
      ...draftBase(about),
      to: { holder: seated.holder.id },
      purpose: `disputed/${id}/${certificate}/${seated.seat}`,
      target: linkTargetOf(about, seated, id),
      write: (words, link) => letters.disputedLetter(words, about, requirement, link),
    }),
  );
  return { alarms: [], drafts };
};

/** Returns the mail to one person about something that waits for them now, such as after a lost phone. */
export const draftsToDecide = (scene: Scene, { who, requirement, asks }: Due): readonly Draft[] => {
  const about = aboutOf(scene);
  if (asks === 'confirm') return [confirmDraft(about, who, requirement)];
  const veto = asks === 'override' ? vetoOf(about, about.view.veto?.requirement ?? '') : undefined;
  const write: Draft['write'] = (words, link) =>
    veto === undefined ? letters.decideLetter(words, about, requirement, link) : letters.overrideLetter(words, about, veto, link);
  const { key, number: n } = about.view;
  return [
    {
      ...draftBase(about),
      to: { holder: who.holder.id },
      purpose: `again/${changeId(key, n)}/${requirement.id}/${who.seat}`,
      target: linkTargetOf(about, who, requirement.id),
      write,
    },
  ];
};

/** Returns the holders of every body that had to act on a change or certified for one. */
const concerned = ({ reading: { view }, roster, now, zone }: Scene): readonly string[] => {
  const day = localMoment(now, zone);
  const bodies = view.requirements.flatMap(({ body, instrument }) => {
    const office = instrument === 'certification' ? bodyOf(roster, body)?.attestedBy : undefined;
    return office === undefined ? [body] : [office, body];
  });
  return [...new Set(bodies.flatMap((body) => [...holdersOf(roster, body, day).values()].map(({ id }) => id)))];
};

/** Writes to everyone concerned which meeting was named for the second vote, unless it has been moved since. */
const meeting = (scene: Scene): Drafted => {
  const about = aboutOf(scene);
  const veto = vetoOf(about, about.view.veto?.requirement ?? '');
  if (veto === undefined || veto.second.meeting === null) return NOTHING;
  const drafts = concerned(scene).map(
    (holder): Draft => ({
      ...draftBase(about),
      to: { holder },
      purpose: `meeting/${veto.over.id}/${veto.second.meeting}`,
      target: null,
      write: (words) => letters.meetingLetter(words, about, veto),
    }),
  );
  return { drafts, alarms: [] };
};

/** Raises the alarm, also at IT, when every body has approved and one person alone acted for them. */
const satisfied = (scene: Scene, requirement: string, itMail: string | undefined): Drafted => {
  const about = aboutOf(scene);
  const body = about.view.requirements.find(({ id }) => id === requirement)?.body;
  const { state, view } = scene.reading;
  const lacks = lackingPersons(advanceTo(state, scene.now)).some(({ number }) => number === view.number);
  if (body === undefined || !lacks) return NOTHING;
  const others = itMail === undefined ? [] : [{ itMail }];
  return alarmed(scene, about, [{ requirement, code: 'two-persons', body }], 'persons', others);
};

/** Returns the mails for a trigger, as the change stands now. `itMail`: the address of IT, if there is one. */
export const draftsFor = (scene: Scene, trigger: MailTrigger, itMail: string | undefined): Drafted => {
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
    case 'meeting':
      return meeting(scene);
    case 'outcome': {
      const about = aboutOf(scene);
      const drafts = concerned(scene).map(
        (holder): Draft => ({
          ...draftBase(about),
          to: { holder },
          purpose: `${trigger.outcome}/${trigger.n}`,
          target: null,
          write: (words) => letters.outcomeLetter(words, about, trigger.outcome),
        }),
      );
      return { drafts, alarms: [] };
    }
  }
};
