// What is asked of officials about a change, and when: at once, with others of one meeting, or later with other revisions.
import { countsAsMaintenance } from '../../../domain/feature/arrival.ts';
import { askedActs } from '../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import { effectOf, forecastApproval } from '../../../domain/feature/effect.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { INVENTORY } from '../../../domain/feature/notice.ts';
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
import { peopleWhoCanAct } from '../../gate/links.ts';
import { vendorName } from '../../gate/vendors.ts';
import { asksAnew } from '../../platform/acts.ts';
import type { AlarmCode } from '../../platform/mail/words.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { type ChangesQuery, listChanges, type Page } from '../../register/lists.ts';
import { type ChangeReading, readChange } from '../../register/project.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import { byHourAndKey, type Due, outstandingActs } from '../../register/waiting.ts';
import { type MailDue, mailAbout, putDue } from './dues.ts';
import {
  type About,
  alarmLead,
  alarmLetter,
  askItem,
  askLetter,
  inventoryAlarm,
  inventoryLetter,
  meetingLetter,
} from './letters.ts';
import { type AskDraft, clerksOf, type Draft, holderOf, isSent, judgedOnly, type NotifyPorts, type SharedMail } from './post.ts';

/** The data from which mails about a change are drafted. */
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
    foretold: forecastApproval(state, number, shown.terms ?? NO_TERMS, { at: now, zone }),
    isMaintenance: countsAsMaintenance(state, number),
    before: shown.revisions.at(-2)?.notice ?? replaced?.view.revisions.at(-1)?.notice ?? null,
    name: (body) => bodyOf(roster, body)?.name ?? body,
  };
};

export const draftBase = (view: ChangeView) => ({
  change: changeId(view.key, view.number),
  revision: latestOf(view).revision,
});

/** Returns the event name of mails about the same words, so that a person gets them once, whichever event triggers them. */
export const wordsEvent = (view: ChangeView): string => {
  const { change, revision } = draftBase(view);
  return `words/${change}/${revision}`;
};

/**
 * Returns the purpose under which an act is asked once: a certificate to confirm or correct by its number; after an act that asks anew, by
 * the number of those; and again once other rules void it.
 */
const purposeOf = (view: ChangeView, { asks, requirement, who }: Due): string => {
  const { confirmation } = view;
  const certificate = confirmation?.requirement === requirement.id ? confirmation.certificate : '';
  // For a second vote, the acts of the body that refused count.
  const of = asks === 'override' ? view.veto?.requirement : requirement.id;
  const again = view.acts.filter((act) => asksAnew(act) && 'requirement' in act && act.requirement === of).length;
  const anew = view.rebound === null ? '' : `/${view.rebound}`;
  return `${asks}/${requirement.id}/${certificate}/${again}/${who.seat}${anew}`;
};

/** Reports whether a change is of the inventory and no one has acted on it. */
const isOfInventory = (view: ChangeView): boolean => latestOf(view).provenance.channel === INVENTORY && view.acts.length === 0;

/** Returns the shared mail of an act: with others of one meeting, or of the inventory that the city enters. */
const togetherOf = (scene: Scene, { asks, requirement }: Due): SharedMail | undefined => {
  const { view, name } = scene;
  if (isOfInventory(view)) return { name: INVENTORY, write: (words, items) => inventoryLetter(words, scene, items) };
  const vote = view.acts.findLast((act) => act.type === 'VoteCertified' && !isVoid(view, act));
  if (asks !== 'decide' || vote?.type !== 'VoteCertified' || vote.requirement === requirement.id) return undefined;
  const body = view.requirements.find(({ id }) => id === vote.requirement)?.body ?? vote.requirement;
  const meeting = { name: name(body), day: vote.meetingDate };
  return { name: `${body} ${meeting.day}`, write: (words, items) => meetingLetter(words, meeting, scene, items) };
};

/** Drafts the mail to one person about something that waits for them now. */
export const askDraft = (scene: Scene, due: Due): AskDraft => {
  const { view } = scene;
  const { holder, body, seat } = due.who;
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
    together: togetherOf(scene, due),
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
    actors.answered.length > 0 || peopleWhoCanAct(actors, roster, localMoment(now, zone)).length > 0
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
  const purpose = `alarm/${alarms.map(({ requirement, code }) => `${requirement} ${code}`).join()}`;
  return alarms.length === 0
    ? []
    : [...clerks, ...it].map((to) => ({
        ...draftBase(scene.view),
        event: wordsEvent(scene.view),
        to,
        purpose,
        write: (words) => alarmLetter(words, scene, alarms),
        item: (words) => ({ key: scene.view.key, lead: alarmLead(words, scene), until: null, dues: [] }),
        together: isOfInventory(scene.view)
          ? { name: purpose, write: (words, items) => inventoryAlarm(words, scene, alarms, items) }
          : undefined,
      }));
};

/** Drafts the mails to everyone who must act on a change now, and returns alarms, to be logged, about acts that no one can do. */
export const draftsOf = (
  scene: Scene,
  itMail: string | undefined,
): { readonly drafts: readonly Draft[]; readonly alarms: readonly RosterAlarm[] } => {
  const { view } = scene;
  if (!isOpen(view)) return { drafts: [], alarms: [] };
  const asks = outstandingActs(view, scene.reading.state, scene.roster, scene).map((due) => askDraft(scene, due));
  const open = unfilled(scene);
  const rule = ruleAlarms(scene);
  // The alarm of the whole rule covers what is open.
  const others = open.filter(({ requirement }) => !rule.some((alarm) => alarm.requirement === requirement));
  const alone = onePerson(scene);
  const alarms = [...rule, ...others, ...alone];
  return { drafts: [...asks, ...alarmDrafts(scene, alarms, itMail)], alarms: [...open, ...alone] };
};

/** The longest gap between votes that one form certifies, and between separately sent entries of one inventory. */
const SETTLED_MS = { voted: 1_500, entered: 30_000 } as const;
type SharedTopic = keyof typeof SETTLED_MS;

/** Returns one mail that replaces several drafts to one person, in the order of the inbox. */
const several = (drafts: readonly Draft[], write: SharedMail['write']): Draft => {
  const [first, ...rest] = drafts;
  if (first === undefined) throw new Error('broken invariant: a mail of no drafts');
  const { change: _, revision: __, together: ___, ...head } = first;
  return {
    ...head,
    further: rest.flatMap(({ target }) => target ?? []),
    covers: rest,
    write: (words, link, further) =>
      write(
        words,
        drafts
          .flatMap((draft, index) => {
            const item = draft.item?.(words);
            return item === undefined ? [] : [{ ...item, link: index === 0 ? link : (further[index - 1]?.link ?? '') }];
          })
          .toSorted(byHourAndKey),
      ),
  };
};

/** Joins unsent drafts with one name into one mail a person. */
export const inOneMail = async (ports: NotifyPorts, drafts: readonly Draft[]): Promise<readonly Draft[]> => {
  const unsent = await Promise.all(drafts.map(async (draft) => ((await isSent(ports, draft)) ? [] : [draft])));
  const groups = Map.groupBy(unsent.flat(), (draft) => `${holderOf(draft)} ${draft.together?.name}`);
  return [...groups.values()].flatMap((group) => {
    const { together } = group[0] ?? {};
    return together === undefined || group.length === 1 ? group : [several(group, together.write)];
  });
};

const wasJustNow = ({ wallMs }: NotifyPorts, at: string, topic: SharedTopic): boolean => {
  const ageMs = wallMs() - Date.parse(at);
  return ageMs >= 0 && ageMs < SETTLED_MS[topic];
};

/** Schedules the mail relative to now, not to the log entry: of many simultaneous entries the last are handled later. */
export const mailLater = ({ sideStore, clock }: NotifyPorts, key: string, change: number, topic: SharedTopic): Promise<void> => {
  const at = clock();
  return putDue(sideStore, at, topic, { key, at, sequence: change, since: null });
};

/**
 * Asks those who must act after votes that one form certified, or about inventory entries: one mail a person for each meeting, and one for
 * the inventory, once nothing more of it has entered the log for a moment.
 */
export const mailTogether =
  (topic: SharedTopic) =>
  async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
    const abouts = dues.map(({ about }) => about);
    const [{ inForce }, judged] = await Promise.all([readRosters(ports), judgedOnly(ports, abouts)]);
    if (inForce === null || judged === undefined || abouts.some(({ at }) => wasJustNow(ports, at, topic))) return;
    // Several events may have made one change due.
    const changes = [...new Map(judged.map((about) => [changeId(about.key, about.sequence), about])).values()];
    const drafted = changes.map(async ({ key, sequence }) => {
      const reading = await ifReadable(readChange(ports, key, sequence));
      // Whatever was done meanwhile, persons not mailed yet are asked now, in a mail of their own if need be.
      return reading === undefined || !isMailDue(reading.view, ports.clock())
        ? []
        : draftsOf(await sceneOf(ports, reading, inForce.roster), ports.itMail).drafts;
    });
    const asks = (await Promise.all(drafted)).flat();
    const about = dues.map((due) => ({ due }));
    await mailAbout(ports, 'together', about, await inOneMail(ports, asks));
  };

const TOGETHER_MS = 3_600_000;

/**
 * Returns when the mails about the newest wording are due. Those about the notice and its first revision are due at once; later revisions
 * share mails, an hour after the last ones, so a change sends mails about revisions at most once an hour.
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

/** Returns the last instant at which something happened to a change that can require a person's act. */
export const lastTurnOf = ({ revisions, veto, acts }: Pick<ChangeView, 'revisions' | 'veto' | 'acts'>): string =>
  latest(revisions.at(-1)?.at ?? '', veto?.at, acts.at(-1)?.at);
