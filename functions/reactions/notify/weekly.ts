// The weekly letter: what waits, what was decided, what ends soon, and what is wrong at the vendors.
import type { Task } from '../../../domain/derived/record.ts';
import { countsAsMaintenance } from '../../../domain/feature/arrival.ts';
import { turnEndOf } from '../../../domain/feature/awaited.ts';
import { effectiveEnd, headWith } from '../../../domain/feature/evaluate.ts';
import { prefixesOf } from '../../../domain/feature/keys.ts';
import { presentChange } from '../../../domain/feature/present.ts';
import { counts, type FeatureState, findChange, isOpen } from '../../../domain/feature/state.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { soonest } from '../../../domain/kernel/order.ts';
import { type LocalMoment, localDateOf, localMoment, plusDuration } from '../../../domain/kernel/zone.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { type LinkTarget, linkIsRevoked, linksFor } from '../../gate/links.ts';
import { newsOf, newsText } from '../../platform/acts.ts';
import { fillCount, fillText } from '../../platform/catalogue.ts';
import type { Letter, Paragraph } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { type ListedCase, listCases, listTasks, rankOf, readFigures, URGENT } from '../../register/derived/records.ts';
import type { ChangeReading } from '../../register/project.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import { byHourAndKey } from '../../register/waiting.ts';
import { allOn, changesOf } from './asks.ts';
import { caseLine, driftPage, type KeyCase, reportedBy } from './driftMails.ts';
import { changeName, countText, LISTED_MAX, listSlot } from './letters.ts';
import { daysBefore, morningOf, taskLine } from './morning.ts';
import { actingBodies, attempt, type Draft, type FurtherLink, forgetSent, judgementOf, type NotifyPorts } from './post.ts';

const ENDING = 'P30D';
const DAYS_LATE_MAX = 1;

interface Week {
  readonly monday: string;
  readonly from: string;
  readonly to: string;
}

/** From Monday morning, for a day. A gate that was down all that day sends none; the next mail covers everything that still counts. */
export const weekToMail = (now: string, zone: string): Week | undefined => {
  const today = localDateOf(now, zone);
  const monday = daysBefore(today, (new Date(`${today}T00:00:00.000Z`).getUTCDay() + 6) % 7);
  const to = morningOf(monday, zone);
  if (now < to || now >= morningOf(daysBefore(monday, -DAYS_LATE_MAX), zone)) return undefined;
  return { monday, from: morningOf(daysBefore(monday, 7), zone), to };
};

const within = (at: string | undefined, { from, to }: Week): boolean => at !== undefined && at >= from && at < to;

type WeekNews = Pick<ReturnType<typeof newsOf>[number], 'name' | 'when'> & { readonly view: ChangeView };

/** What replaced it is in the list itself. */
const newsOfWeek = (view: ChangeView, state: FeatureState, week: Week, now: string): readonly WeekNews[] =>
  newsOf(view, state, now)
    .filter(({ at, name }) => within(at, week) && name !== 'replaced')
    .map((news) => ({ ...news, view }));

const waitingItem = (
  words: MailWords,
  { view, until }: { readonly view: ChangeView; readonly until: string | null },
  zone: string,
): string =>
  until === null
    ? fillText(words.weekly.openWithoutEnd, { ...changeName(view) })
    : fillText(words.weekly.openUntil, { ...changeName(view), by: mailTimes(words, zone).deadline(until) });

const cameAsMaintenance = ({ view, state }: ChangeReading, week: Week): boolean =>
  within(view.revisions.at(-1)?.at, week) && countsAsMaintenance(state, view.number);

/** Each with the reader's link to object to it, if the reader has the right. */
const fixesPart = (words: MailWords, fixes: readonly ChangeView[], links: readonly FurtherLink[]): readonly Paragraph[] => {
  const { weekly } = words;
  const linkOf = ({ key, number }: ChangeView): string | undefined =>
    links.find(({ target }) => target.purpose === 'decide' && target.key === key && target.n === number)?.link;
  const others = fixes.filter((view) => linkOf(view) === undefined).map((view) => fillText(words.named, { ...changeName(view) }));
  return fixes.length === 0
    ? []
    : [
        fillCount(words.locale, weekly, 'fixes', fixes.length),
        ...fixes.flatMap((view) => {
          const link = linkOf(view);
          return link === undefined ? [] : [fillText(weekly.object, { ...changeName(view) }), { link }];
        }),
        ...(others.length === 0 ? [] : [listSlot(words, others)]),
      ];
};

/** `past`: what came out in the week to have been on, and was over by then. Of the others: how many, and the first of them. */
interface WeekRisks {
  readonly openCases: number;
  readonly urgentTasks: number;
  readonly cases: readonly KeyCase[];
  readonly past: readonly KeyCase[];
  readonly tasks: readonly Task[];
}

/** Returns cases that one log entry opened and closed in the week, which caused no other mail. */
const pastOf = async (sideStore: SideStore, week: Week): Promise<readonly ListedCase[]> => {
  const found: ListedCase[] = [];
  for await (const one of allOn((query) => listCases(sideStore, { ...query, open: false })))
    if (one.openedAt === one.closedAt && within(one.openedAt, week)) found.push(one);
  return found;
};

const weekRisks = async (sideStore: SideStore, week: Week): Promise<WeekRisks> => {
  const [figures, cases, past, tasks] = await Promise.all([
    readFigures(sideStore),
    listCases(sideStore, { open: true, limit: LISTED_MAX }),
    pastOf(sideStore, week),
    listTasks(sideStore, { limit: LISTED_MAX }),
  ]);
  const listed = (items: readonly ListedCase[] = []) => items.map(({ key, ...drift }): KeyCase => ({ key, drift }));
  return {
    openCases: figures.openCases,
    urgentTasks: figures.urgentTasks,
    cases: listed(cases?.items),
    past: listed(past),
    tasks: tasks?.items.filter((task) => rankOf(task) === URGENT) ?? [],
  };
};

const risksPart = (
  words: MailWords,
  { openCases, urgentTasks, cases, past, tasks }: WeekRisks,
  { now, zone, url }: { readonly now: string; readonly zone: string; readonly url: string },
): readonly Paragraph[] => {
  const { weekly } = words;
  const times = mailTimes(words, zone);
  const caseLines = cases.map(({ key, drift }) =>
    fillText(weekly.driftItem, { key, since: times.dateTime(drift.since), reported: reportedBy(words, drift) }),
  );
  const pastLines = past.map((each) => caseLine(words, each, zone));
  const taskLines = tasks.map((task) => taskLine(words, task, now, zone));
  return [
    ...countText(words, weekly, 'drift', caseLines, openCases),
    ...countText(words, weekly, 'past', pastLines),
    ...(openCases + past.length > 0 ? [driftPage(words, url)] : []),
    ...countText(words, words.todo, 'urgent', taskLines, urgentTasks),
  ];
};

/** `fixes`: those that came as maintenance in the week; `ending`: approvals that end soon and are not followed by the next. */
interface WeekChanges {
  readonly views: readonly ChangeView[];
  readonly news: readonly WeekNews[];
  readonly fixes: readonly ChangeReading[];
  readonly ending: readonly { readonly view: ChangeView; readonly end: string }[];
  readonly risks: WeekRisks;
}

interface LetterOfWeek {
  readonly now: string;
  readonly week: Week;
  readonly zone: string;
  readonly url: string;
  readonly stop: string;
  readonly further: readonly FurtherLink[];
}

/** Public facts about all changes, the same for every reader but for the links. */
const weeklyLetter = (words: MailWords, changes: WeekChanges, { now, week, zone, url, stop, further }: LetterOfWeek): Letter => {
  const { weekly } = words;
  const { views, fixes } = changes;
  const times = mailTimes(words, zone);
  const waiting = views
    .filter(isOpen)
    .map((view) => ({ view, key: view.key, until: turnEndOf(view) }))
    .toSorted(byHourAndKey)
    .map((each) => waitingItem(words, each, zone));
  const ending = changes.ending.map(({ view, end }) => fillText(weekly.ends, { ...changeName(view), by: times.until(end) }));
  const happened = changes.news.map((news) => newsText(words.acts, news, { ...changeName(news.view) }, times));
  return {
    subject: fillText(weekly.subject, { day: times.lastDay(week.to) }),
    paragraphs: [
      fillText(weekly.lead, { when: times.dateTime(now) }),
      ...(waiting.length === 0 ? [weekly.nothingWaits] : countText(words, weekly, 'waiting', waiting)),
      ...fixesPart(
        words,
        fixes.map(({ view }) => view),
        further,
      ),
      ...countText(words, weekly, 'happened', happened),
      ...countText(words, weekly, 'ending', ending),
      ...risksPart(words, changes.risks, { now, zone, url }),
      { text: weekly.register, url: `${url}/` },
      { text: weekly.stop, url: stop },
    ],
  };
};

/** A link of the person to each of these changes that they can act on: contest one that came as maintenance, switch off one in force. */
export const actingTargets = (
  changes: readonly ChangeReading[],
  roster: Roster,
  holder: string,
  day: LocalMoment,
): readonly LinkTarget[] =>
  changes.flatMap(({ view, state }) => {
    const { key, number: n } = view;
    const by = findChange(state, n)?.by ?? '';
    const { revision } = latestOf(view);
    const targets = view.requirements
      .filter(({ rule, status }) => counts(rule) && status !== 'overridden')
      .flatMap(({ id: requirement, rule }) =>
        linksFor(rule, { by }, roster, day)
          .filter((each) => each.holder.id === holder)
          .map(({ body, seat }) => ({ purpose: 'decide' as const, holder, body, seat, requirement, key, n, revision })),
      );
    return targets.slice(0, 1);
  });

/** Drafts the mail to everyone in office in these bodies who has not switched it off. */
const weeklyDrafts = (
  changes: WeekChanges,
  roster: Roster,
  bodies: readonly string[],
  off: ReadonlySet<string>,
  at: Pick<LetterOfWeek, 'now' | 'week' | 'zone' | 'url'>,
): readonly Draft[] => {
  const day = localMoment(at.now, at.zone);
  const people = new Map<string, Draft>();
  for (const body of bodies)
    for (const [seat, { id }] of holdersOf(roster, body, day))
      if (!off.has(id) && !people.has(id))
        people.set(id, {
          to: { holder: id },
          purpose: 'weekly',
          target: { purpose: 'weekly', holder: id, body, seat },
          further: actingTargets(changes.fixes.slice(0, LISTED_MAX), roster, id, day),
          write: (words, stop, further) => weeklyLetter(words, changes, { ...at, stop, further }),
        });
  return [...people.values()];
};

/** Side kind: the holders who switched the weekly mail off. */
const OFF = 'weekly-off';

export const isWeeklyOff = async (sideStore: SideStore, holder: string): Promise<boolean> =>
  (await sideStore.get(OFF, holder)) !== undefined;

export const setWeekly = (sideStore: SideStore, holder: string, on: boolean, at: string): Promise<void> =>
  on ? sideStore.remove(OFF, holder) : sideStore.put(OFF, holder, { at });

/** Returns a draft without links that would be new for a person whose links were cut off. */
const withoutCutOff = async (ports: NotifyPorts, draft: Draft): Promise<Draft> => {
  const { further = [] } = draft;
  const cutOff = await Promise.all(further.map((target) => linkIsRevoked(ports, target)));
  return { ...draft, further: further.filter((_, index) => cutOff[index] !== true) };
};

const changesOfWeek = async (ports: NotifyPorts, week: Week, now: string): Promise<WeekChanges | undefined> => {
  const [views, news, fixes]: [ChangeView[], WeekNews[], ChangeReading[]] = [[], [], []];
  const states = new Map<string, FeatureState>();
  for await (const reading of changesOf(ports, now)) {
    const standing = await judgementOf(ports, reading.view.key);
    if (standing === 'waits') return undefined;
    if (standing === 'refused') continue;
    const view = presentChange(reading, now);
    views.push(view);
    news.push(...newsOfWeek(view, reading.state, week, now));
    states.set(reading.view.key, reading.state);
    if (cameAsMaintenance(reading, week)) fixes.push(reading);
  }
  const soon = plusDuration(week.to, ENDING, ports.zone);
  const ending = views.flatMap((view) => {
    const heads = prefixesOf(view.key).map((prefix) => headWith(states.get(prefix) ?? null));
    const end = effectiveEnd(view.key, heads, now, view.number);
    return end === null || end.by === 'next' || end.at > soon ? [] : [{ view, end: end.at }];
  });
  ending.sort((a, b) => soonest(a.end, b.end));
  return { views, news, fixes, ending, risks: await weekRisks(ports.sideStore, week) };
};

/** Side kind: the Monday whose weekly mail has left. */
const MAILED = 'weekly-mailed';
const NEWEST = 'newest';

/**
 * Sends the weekly mail on its day, if it has not left, and forgets old records of mails once it has. Where something is not judged yet,
 * the next run writes of the whole week.
 */
export const mailWeek = async (
  ports: NotifyPorts,
  { policy, since }: { readonly policy: Policy; readonly since: string },
  roster: Roster,
  now: string,
): Promise<void> => {
  const { sideStore, zone, url } = ports;
  const week = weekToMail(now, zone);
  if (week === undefined || (await sideStore.get(MAILED, NEWEST)) === week.monday) return;
  const changes = await changesOfWeek(ports, week, now);
  if (changes === undefined) return;
  const { views, risks } = changes;
  const off = new Set((await sideStore.list(OFF)).map(({ id }) => id));
  // Not of a gate that was set up since.
  const isKnown = since < week.to || views.some(({ revisions }) => (revisions[0]?.at ?? now) < week.to);
  const hasNews = isKnown && views.length + risks.openCases + risks.past.length + risks.urgentTasks > 0;
  const drafts = hasNews ? weeklyDrafts(changes, roster, actingBodies(policy, roster), off, { week, now, zone, url }) : [];
  if (!(await attempt(ports, `weekly/${week.monday}`, await Promise.all(drafts.map((draft) => withoutCutOff(ports, draft))))))
    return;
  await sideStore.put(MAILED, NEWEST, week.monday);
  await forgetSent(ports);
};
