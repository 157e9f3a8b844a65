import { askedActs } from '../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import { effectOf } from '../../../domain/feature/effect.ts';
import type { Head } from '../../../domain/feature/evaluate.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import type { NoticeFacts } from '../../../domain/feature/notice.ts';
import { lackingPersons } from '../../../domain/feature/persons.ts';
import { findChange, isOpen, shownApproval } from '../../../domain/feature/state.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { alarmsOf } from '../../../domain/policy/alarms.ts';
import { bodyOf } from '../../../domain/policy/seats.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { headsWith } from '../../gate/heads.ts';
import { actingIn } from '../../gate/linksFor.ts';
import { vendorName } from '../../gate/vendors.ts';
import type { AlarmCode } from '../../platform/mail/words.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { type ChangeReading, presentChange, readChange } from '../../register/read.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import { type Due, duesOf } from '../../register/waiting.ts';
import { clerksOf, type Draft, type Meeting } from './draft.ts';
import * as letters from './letters.ts';
import type { NotifyPorts } from './ports.ts';

/**
 * What mails about a change are drafted from. `heads`: of the feature's key, as for `evaluate`; `replaced`: the notice approved last, if it
 * is another change's.
 */
export interface Scene {
  readonly reading: ChangeReading;
  readonly roster: Roster;
  readonly now: string;
  readonly zone: string;
  readonly url: string;
  readonly heads: readonly Head[];
  readonly replaced: NoticeFacts | null;
  readonly vendor: string;
}

/** Why a requirement cannot be met, for the log and the clerk. */
interface RosterAlarm {
  readonly requirement: string;
  readonly code: AlarmCode;
  readonly body: string;
}

/** `alarms`: to be logged. */
interface Drafted {
  readonly drafts: readonly Draft[];
  readonly alarms: readonly RosterAlarm[];
}

/** Reads what mails about a change are drafted from, beside the change itself. */
export const sceneOf = async (
  ports: Pick<NotifyPorts, 'store' | 'sideStore' | 'clock' | 'zone' | 'url' | 'city'>,
  reading: ChangeReading,
  roster: Roster,
): Promise<Scene> => {
  const { view, state } = reading;
  const { key, number } = view;
  const approved = shownApproval(state)?.number;
  const other = approved === undefined || approved === number ? undefined : ifReadable(readChange(ports, key, approved));
  const [heads, vendor, replaced] = await Promise.all([headsWith(ports, key, state), vendorName(ports, key), other]);
  const notice = replaced?.view.revisions.at(-1)?.notice ?? null;
  return { reading, roster, now: ports.clock(), zone: ports.zone, url: ports.url, heads, vendor, replaced: notice };
};

export const aboutOf = ({ reading, roster, now, zone, url, heads, vendor, replaced }: Scene): letters.About => {
  const view = presentChange(reading.view, reading.state, now);
  return {
    view,
    now,
    zone,
    url,
    vendor,
    effect: effectOf(view, { at: now, zone, heads }),
    before: view.revisions.at(-2)?.notice ?? replaced,
    name: (body) => bodyOf(roster, body)?.name ?? body,
  };
};

/** The change and the revision that every draft names. */
export const draftBase = (view: ChangeView) => ({
  change: changeId(view.key, view.number),
  revision: latestOf(view).revision,
});

/** Each person gets the mails about the same words once, whichever event asks for them. */
export const wordsEvent = ({ key, number, revisions }: Pick<ChangeView, 'key' | 'number' | 'revisions'>): string =>
  `words/${changeId(key, number)}/${revisions.at(-1)?.revision ?? 1}`;

/** What is asked once: a certificate is confirmed, or corrected, by its number; a refusal taken back asks its person again. */
const purposeOf = (view: ChangeView, { asks, requirement, who }: Due): string => {
  const { confirmation } = view;
  const certificate = confirmation?.requirement === requirement.id ? confirmation.certificate : '';
  const own = view.acts.filter((act) => act.type === 'SignatureGiven' && act.requirement === requirement.id).length;
  return `${asks}/${requirement.id}/${certificate}/${own}/${who.seat}`;
};

/** The meeting whose certified vote on the newest revision opened what is asked. */
const meetingOf = (view: ChangeView, { asks, requirement }: Due): Meeting | undefined => {
  const { revision } = latestOf(view);
  const vote = view.acts.findLast((act) => act.type === 'VoteCertified' && act.revision === revision);
  if (asks !== 'decide' || vote?.type !== 'VoteCertified' || vote.requirement === requirement.id) return undefined;
  const body = view.requirements.find(({ id }) => id === vote.requirement)?.body ?? vote.requirement;
  return { body, day: vote.meetingDate, at: vote.at, version: vote.version };
};

/** The mail to one person about something that waits for them now. */
export const askDraft = (scene: Scene, due: Due): Draft => {
  const about = aboutOf(scene);
  const { view } = about;
  const { holder, body, seat } = due.who;
  const meeting = meetingOf(view, due);
  return {
    ...draftBase(view),
    event: wordsEvent(view),
    to: { holder: holder.id },
    purpose: purposeOf(view, due),
    target: {
      purpose: 'decide',
      holder: holder.id,
      body,
      seat,
      requirement: due.requirement.id,
      key: view.key,
      n: view.number,
      revision: latestOf(view).revision,
    },
    write: (words, link) => letters.askLetter(words, about, due, link),
    item: (words) => letters.askItem(words, about, due),
    ...(meeting !== undefined && { meeting: { ...meeting, name: about.name(meeting.body) } }),
  };
};

/** Why the requirements of the pinned rule cannot be met under the present roster. */
const ruleAlarms = ({ roster, now, zone }: Scene, { pinned }: ChangeView): readonly RosterAlarm[] => {
  if (pinned === null) return [];
  const { rule, require } = pinned;
  return alarmsOf({ id: rule, when: {}, require }, roster, localMoment(now, zone)).map(({ requirement, code }) => ({
    requirement,
    code,
    body: require.find(({ id }) => id === requirement)?.body ?? requirement,
  }));
};

/** What is asked now and no official in office can do. */
const unfilled = ({ reading, roster, now, zone }: Scene): readonly RosterAlarm[] => {
  const state = advanceTo(reading.state, now);
  const change = findChange(state, reading.view.number);
  return (change === undefined ? [] : askedActs(state, change)).flatMap(({ rule, actors }) =>
    actors.answered.length > 0 || actingIn(actors, roster, localMoment(now, zone)).length > 0
      ? []
      : [{ requirement: rule.id, code: 'no-official' as const, body: rule.body }],
  );
};

/** Every body has approved, and one person alone acted for them. */
const onePerson = ({ reading, now }: Scene, { number, requirements }: ChangeView): readonly RosterAlarm[] => {
  const last = requirements.findLast(({ status }) => status === 'met');
  const lacks = lackingPersons(advanceTo(reading.state, now)).some((change) => change.number === number);
  return lacks && last !== undefined ? [{ requirement: last.id, code: 'two-persons', body: last.body }] : [];
};

const alarmDrafts = (scene: Scene, alarms: readonly RosterAlarm[], itMail: string | undefined): readonly Draft[] => {
  const about = aboutOf(scene);
  const clerks = clerksOf(scene.roster, localMoment(scene.now, scene.zone)).map((holder) => ({ holder }));
  const it = itMail !== undefined && alarms.some(({ code }) => code === 'two-persons') ? [{ itMail }] : [];
  return alarms.length === 0
    ? []
    : [...clerks, ...it].map((to) => ({
        ...draftBase(about.view),
        event: wordsEvent(about.view),
        to,
        purpose: `alarm/${alarms.map(({ requirement, code }) => `${requirement} ${code}`).join()}`,
        write: (words) => letters.alarmLetter(words, about, alarms),
      }));
};

/** The mails to everyone who must act on a change now, and the alarms about what no one can do. */
export const draftsOf = (scene: Scene, itMail: string | undefined): Drafted => {
  const { view } = aboutOf(scene);
  if (!isOpen(view)) return { drafts: [], alarms: [] };
  const asks = duesOf(view, scene.reading.state, scene.roster, scene).map((due) => askDraft(scene, due));
  const open = unfilled(scene);
  const rule = ruleAlarms(scene, view);
  // The alarm of the whole rule covers what is open.
  const others = open.filter(({ requirement }) => !rule.some((alarm) => alarm.requirement === requirement));
  const alarms = [...rule, ...others, ...onePerson(scene, view)];
  return { drafts: [...asks, ...alarmDrafts(scene, alarms, itMail)], alarms: [...open, ...onePerson(scene, view)] };
};
