// What is asked of officials about a change, and when: at once, with others of one meeting, or later with other revisions.
import { countsAsMaintenance } from '../../../domain/feature/arrival.ts';
import { askedActs } from '../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import { effectOf, foretell } from '../../../domain/feature/effect.ts';
import { type FeatureEvent, TOGETHER_MAX } from '../../../domain/feature/events.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { presentChange } from '../../../domain/feature/present.ts';
import { findChange, isOpen, lacksPersons, shownApproval } from '../../../domain/feature/state.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { type ChangeView, isVoid } from '../../../domain/feature/view.ts';
import { latest, plusMs } from '../../../domain/kernel/order.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { alarmsOf } from '../../../domain/policy/explain.ts';
import { bodyOf } from '../../../domain/policy/rules.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { readRosters } from '../../gate/aggregates.ts';
import { headsWith } from '../../gate/heads.ts';
import { actingIn } from '../../gate/links.ts';
import { vendorName } from '../../gate/vendors.ts';
import { asksAnew } from '../../platform/acts.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import type { AlarmCode, MailWords } from '../../platform/mail/words.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { type ChangesQuery, listChanges, type Page } from '../../register/lists.ts';
import { type ChangeReading, readChange } from '../../register/project.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import { type Due, duesOf } from '../../register/waiting.ts';
import { type MailDue, mailAbout, putDue } from './dues.ts';
import { type About, alarmLetter, askItem, askLetter, meetingLetter } from './letters.ts';
import {
  type AskDraft,
  type AskItem,
  clerksOf,
  type Draft,
  holderOf,
  isSent,
  judgedOnly,
  type Meeting,
  type NotifyPorts,
} from './post.ts';

/** What mails about a change are drafted from, and what all of them say. */
export interface Scene extends About {
  readonly reading: ChangeReading;
  readonly roster: Roster;
}

/** Why a requirement cannot be met, for the log and the clerk. */
interface RosterAlarm {
  readonly requirement: string;
  readonly code: AlarmCode;
  readonly body: string;
}

const PAGE = 500;

type PageOf<T> = (query: { readonly cursor: string | undefined; readonly limit: number }) => Promise<Page<T> | undefined>;

export async function* allOn<T>(pageOf: PageOf<T>): AsyncGenerator<T> {
  for (let cursor: string | undefined; ; ) {
    const page = await pageOf({ cursor, limit: PAGE });
    yield* page?.items ?? [];
    if (page === undefined || page.next === null) return;
    cursor = page.next;
  }
}

export const changesOf = (ports: NotifyPorts, now: string, status?: ChangesQuery['status']): AsyncGenerator<ChangeReading> =>
  allOn((query) => listChanges(ports, { ...query, status, now }));

export const sceneOf = async (
  ports: Pick<NotifyPorts, 'store' | 'sideStore' | 'clock' | 'zone' | 'url' | 'city'>,
  reading: ChangeReading,
  roster: Roster,
): Promise<Scene> => {
  const { view } = reading;
  const { key, number } = view;
  const state = advanceTo(reading.state, ports.clock());
  const approved = shownApproval(state)?.number;
  const other = approved === undefined || approved === number ? undefined : ifReadable(readChange(ports, key, approved));
  const [heads, vendor, replaced] = await Promise.all([headsWith(ports, key, state), vendorName(ports, key), other]);
  const [now, { zone, url }] = [ports.clock(), ports];
  const shown = presentChange(reading, now);
  return {
    now,
    zone,
    url,
    reading,
    roster,
    view: shown,
    vendor,
    effect: effectOf(shown, { at: now, zone, heads }),
    foretold: foretell(state, number, shown.terms ?? NO_TERMS, { at: now, zone }),
    isMaintenance: countsAsMaintenance(state, number),
    before: shown.revisions.at(-2)?.notice ?? replaced?.view.revisions.at(-1)?.notice ?? null,
    name: (body) => bodyOf(roster, body)?.name ?? body,
  };
};

export const draftBase = (view: ChangeView) => ({
  change: changeId(view.key, view.number),
  revision: latestOf(view).revision,
});

/** Each person gets the mails about the same words once, whichever event asks for them. */
export const wordsEvent = (view: ChangeView): string => {
  const { change, revision } = draftBase(view);
  return `words/${change}/${revision}`;
};

/**
 * What is asked once: a certificate is confirmed, or corrected, by its number; an act that asks anew, by how many there were; and all of it
 * anew once other rules voided it.
 */
const purposeOf = (view: ChangeView, { asks, requirement, who }: Due): string => {
  const { confirmation } = view;
  const certificate = confirmation?.requirement === requirement.id ? confirmation.certificate : '';
  // Of a second vote: by acts of the body that refused.
  const of = asks === 'override' ? view.veto?.requirement : requirement.id;
  const again = view.acts.filter((act) => asksAnew(act) && 'requirement' in act && act.requirement === of).length;
  const anew = view.rebound === null ? '' : `/${view.rebound}`;
  return `${asks}/${requirement.id}/${certificate}/${again}/${who.seat}${anew}`;
};

const meetingOf = (view: ChangeView, { asks, requirement }: Due): Meeting | undefined => {
  const vote = view.acts.findLast((act) => act.type === 'VoteCertified' && !isVoid(view, act));
  if (asks !== 'decide' || vote?.type !== 'VoteCertified' || vote.requirement === requirement.id) return undefined;
  const body = view.requirements.find(({ id }) => id === vote.requirement)?.body ?? vote.requirement;
  return { body, day: vote.meetingDate, at: vote.at, version: vote.version };
};

/** The mail to one person about something that waits for them now. */
export const askDraft = (scene: Scene, due: Due): AskDraft => {
  const { view } = scene;
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
    write: (words, link) => askLetter(words, scene, due, link),
    item: (words) => askItem(words, scene, due),
    ...(meeting !== undefined && { meeting: { ...meeting, name: scene.name(meeting.body) } }),
  };
};

const ruleAlarms = ({ roster, now, zone, view: { pinned } }: Scene): readonly RosterAlarm[] => {
  if (pinned === null) return [];
  const { rule, require } = pinned;
  return alarmsOf({ id: rule, when: {}, require }, roster, localMoment(now, zone)).map(({ requirement, code }) => ({
    requirement,
    code,
    body: require.find(({ id }) => id === requirement)?.body ?? requirement,
  }));
};

const unfilled = ({ reading, roster, now, zone }: Scene): readonly RosterAlarm[] => {
  const state = advanceTo(reading.state, now);
  const change = findChange(state, reading.view.number);
  return (change === undefined ? [] : askedActs(state, change)).flatMap(({ rule, actors }) =>
    actors.answered.length > 0 || actingIn(actors, roster, localMoment(now, zone)).length > 0
      ? []
      : [{ requirement: rule.id, code: 'no-official' as const, body: actors.body }],
  );
};

const onePerson = ({ reading, now, view: { number, requirements } }: Scene): readonly RosterAlarm[] => {
  const last = requirements.findLast(({ status }) => status === 'met');
  return lacksPersons(advanceTo(reading.state, now), number) && last !== undefined
    ? [{ requirement: last.id, code: 'two-persons', body: last.body }]
    : [];
};

const alarmDrafts = (scene: Scene, alarms: readonly RosterAlarm[], itMail: string | undefined): readonly Draft[] => {
  const clerks = clerksOf(scene.roster, localMoment(scene.now, scene.zone)).map((holder) => ({ holder }));
  const it = itMail !== undefined && alarms.some(({ code }) => code === 'two-persons') ? [{ itMail }] : [];
  return alarms.length === 0
    ? []
    : [...clerks, ...it].map((to) => ({
        ...draftBase(scene.view),
        event: wordsEvent(scene.view),
        to,
        purpose: `alarm/${alarms.map(({ requirement, code }) => `${requirement} ${code}`).join()}`,
        write: (words) => alarmLetter(words, scene, alarms),
      }));
};

/** The mails to everyone who must act on a change now, and the alarms about what no one can do, to be logged. */
export const draftsOf = (
  scene: Scene,
  itMail: string | undefined,
): { readonly drafts: readonly Draft[]; readonly alarms: readonly RosterAlarm[] } => {
  const { view } = scene;
  if (!isOpen(view)) return { drafts: [], alarms: [] };
  const asks = duesOf(view, scene.reading.state, scene.roster, scene).map((due) => askDraft(scene, due));
  const open = unfilled(scene);
  const rule = ruleAlarms(scene);
  // The alarm of the whole rule covers what is open.
  const others = open.filter(({ requirement }) => !rule.some((alarm) => alarm.requirement === requirement));
  const alone = onePerson(scene);
  const alarms = [...rule, ...others, ...alone];
  return { drafts: [...asks, ...alarmDrafts(scene, alarms, itMail)], alarms: [...open, ...alone] };
};

/** Votes that one form certifies enter the log within this time after one another. */
const SETTLED_MS = 1_500;

type Write = (words: MailWords, items: readonly (AskItem & { readonly link: string })[]) => Letter;

/** One mail for several drafts to one person, in place of each. */
export const several = (drafts: readonly Draft[], write: Write): Draft => {
  const [first, ...rest] = drafts;
  if (first === undefined) throw new Error('broken invariant: a mail of no drafts');
  const { change: _, revision: __, meeting: ___, ...head } = first;
  return {
    ...head,
    further: rest.flatMap(({ target }) => target ?? []),
    covers: rest,
    write: (words, link, further) =>
      write(
        words,
        drafts.flatMap((draft, index) => {
          const item = draft.item?.(words);
          return item === undefined ? [] : [{ ...item, link: index === 0 ? link : (further[index - 1]?.link ?? '') }];
        }),
      ),
  };
};

const ofMeeting = (drafts: readonly Draft[], zone: string): readonly Draft[] => {
  const meeting = drafts[0]?.meeting;
  return meeting === undefined || drafts.length === 1
    ? drafts
    : [several(drafts.slice(0, TOGETHER_MAX), (words, items) => meetingLetter(words, meeting, zone, items))];
};

/** Unsent ones about votes of one meeting are one mail to each person. */
export const byMeeting = async (ports: NotifyPorts, drafts: readonly Draft[]): Promise<readonly Draft[]> => {
  const unsent = await Promise.all(drafts.map(async (draft) => ((await isSent(ports, draft)) ? [] : [draft])));
  const groups = Map.groupBy(unsent.flat(), (draft) => `${holderOf(draft)} ${draft.meeting?.body} ${draft.meeting?.day}`);
  return [...groups.values()].flatMap((group) => ofMeeting(group, ports.zone));
};

const wasJustNow = ({ wallMs }: NotifyPorts, at: string): boolean => {
  const ageMs = wallMs() - Date.parse(at);
  return ageMs >= 0 && ageMs < SETTLED_MS;
};

export const takeVote = (
  { sideStore }: NotifyPorts,
  key: string,
  { at, change }: Pick<FeatureEvent, 'at' | 'change'>,
): Promise<void> => putDue(sideStore, at, 'voted', { key, at, sequence: change, since: null });

/**
 * Asks who must act after votes that one form certified: what one meeting voted on is one mail to a person, once no vote entered the log
 * for a moment.
 */
export const mailVoted = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  const votes = dues.map(({ about }) => about);
  const [{ inForce }, judged] = await Promise.all([readRosters(ports), judgedOnly(ports, votes)]);
  if (inForce === null || judged === undefined || votes.some(({ at }) => wasJustNow(ports, at))) return;
  const drafted = judged.map(async ({ key, sequence }) => {
    const reading = await ifReadable(readChange(ports, key, sequence));
    return reading === undefined ? [] : draftsOf(await sceneOf(ports, reading, inForce.roster), undefined).drafts;
  });
  const asks = (await Promise.all(drafted)).flat().filter(({ meeting }) => meeting !== undefined);
  const about = dues.map((due) => ({ due }));
  await mailAbout(ports, 'voted', about, await byMeeting(ports, asks));
};

const TOGETHER_MS = 3_600_000;

/**
 * When the mails about the newest wording are due. Those about the notice and its first revision are due at once; later revisions share
 * mails, an hour after the last ones: so a change sends mails about revisions once an hour at most.
 */
export const mailsDue = ([notice, ...revisions]: readonly { readonly at: string }[]): string =>
  revisions.reduce((due: string | undefined, { at }) => {
    if (due === undefined) return at;
    return at < due ? due : latest(at, plusMs(due, TOGETHER_MS));
  }, undefined) ??
  notice?.at ??
  '';

export const isHeldBack = ({ revisions }: Pick<ChangeView, 'revisions'>, revision: number): boolean => {
  const until = revisions.filter((each) => each.revision <= revision);
  return mailsDue(until) !== until.at(-1)?.at;
};

export const isMailDue = ({ revisions }: Pick<ChangeView, 'revisions'>, now: string): boolean => mailsDue(revisions) <= now;

/** When something that can ask a person came last to a change. */
export const lastTurnOf = ({ revisions, veto, acts }: Pick<ChangeView, 'revisions' | 'veto' | 'acts'>): string =>
  latest(revisions.at(-1)?.at ?? '', veto?.at, acts.at(-1)?.at);
