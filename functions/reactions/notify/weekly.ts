import { countsAsMaintenance } from '../../../domain/feature/arrival.ts';
import { turnEndOf } from '../../../domain/feature/awaited.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { counts, findChange, isOpen } from '../../../domain/feature/state.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { soonest } from '../../../domain/kernel/order.ts';
import { type LocalMoment, localDateOf, localMoment, plusDuration } from '../../../domain/kernel/zone.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import type { LinkTarget } from '../../gate/links.ts';
import { linksFor } from '../../gate/linksFor.ts';
import { newsOf } from '../../platform/acts.ts';
import { fillCount, fillText } from '../../platform/catalogue.ts';
import type { Letter, Paragraph } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import type { ChangeReading } from '../../register/read.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import type { Draft, FurtherLink } from './draft.ts';
import { LISTED_MAX, listed } from './driftLetters.ts';
import { changeName } from './letters.ts';
import { daysBefore, mondayOf, morningOf } from './reminders.ts';
import { risksPart, type WeekRisks } from './weekRisks.ts';

const ENDING = 'P30D';
const DAYS_LATE_MAX = 1;

/** Up to its Monday morning. */
export interface Week {
  readonly monday: string;
  readonly from: string;
  readonly to: string;
}

/** From Monday morning, for a day. A gate that was down all that day sends none; the next mail covers everything that still counts. */
export const weekToMail = (now: string, zone: string): Week | undefined => {
  const monday = mondayOf(localDateOf(now, zone));
  const to = morningOf(monday, zone);
  if (now < to || now >= morningOf(daysBefore(monday, -DAYS_LATE_MAX), zone)) return undefined;
  return { monday, from: morningOf(daysBefore(monday, 7), zone), to };
};

const within = (at: string | undefined, { from, to }: Week): boolean => at !== undefined && at >= from && at < to;

/** What replaced it is in the list itself. */
const becameOf = (words: MailWords, view: ChangeView, week: Week): readonly string[] =>
  newsOf(view)
    .filter(({ at, name }) => within(at, week) && name !== 'replaced')
    .map(({ name }) => fillText(words.acts.news[name], { ...changeName(view) }));

const part = (words: MailWords, head: 'waiting' | 'happened' | 'ending', items: readonly string[]): Letter['paragraphs'] =>
  items.length === 0 ? [] : [fillCount(words.locale, words.weekly, head, items.length), listed(words, items)];

const waitingItem = (words: MailWords, view: ChangeView, zone: string): string => {
  const end = turnEndOf(view);
  return end === null
    ? fillText(words.weekly.openWithoutEnd, { ...changeName(view) })
    : fillText(words.weekly.openUntil, { ...changeName(view), by: mailTimes(words, zone).deadline(end) });
};

/** The soonest first. */
const endingSoon = ({ views, ends }: WeekChanges, { to }: Week, zone: string) => {
  const soon = plusDuration(to, ENDING, zone);
  return views
    .flatMap((view) => {
      const end = ends.get(changeId(view.key, view.number));
      return end !== undefined && end <= soon ? [{ view, end }] : [];
    })
    .sort((a, b) => soonest(a.end, b.end));
};

export const cameAsMaintenance = ({ view, state }: ChangeReading, week: Week): boolean =>
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
        ...(others.length === 0 ? [] : [listed(words, others)]),
      ];
};

/** `fixes`: those that came as maintenance in the week. */
export interface WeekChanges {
  readonly views: readonly ChangeView[];
  readonly fixes: readonly ChangeReading[];
  /** Until when approvals let their features be on, by change; those without an end are absent. */
  readonly ends: ReadonlyMap<string, string>;
  readonly risks: WeekRisks;
}

/** Public facts about all changes, the same for every reader but for the links. */
const weeklyLetter = (
  words: MailWords,
  changes: WeekChanges,
  {
    week,
    zone,
    url,
    stop,
    further,
  }: {
    readonly week: Week;
    readonly zone: string;
    readonly url: string;
    readonly stop: string;
    readonly further: readonly FurtherLink[];
  },
): Letter => {
  const { weekly } = words;
  const { views, fixes } = changes;
  const times = mailTimes(words, zone);
  const day = times.lastDay(week.to);
  const waiting = views
    .filter(isOpen)
    .toSorted((a, b) => soonest(turnEndOf(a), turnEndOf(b)))
    .map((view) => waitingItem(words, view, zone));
  const ending = endingSoon(changes, week, zone).map(({ view, end }) =>
    fillText(weekly.ends, { ...changeName(view), by: times.until(end) }),
  );
  const happened = views.flatMap((view) => becameOf(words, view, week));
  return {
    subject: fillText(weekly.subject, { day }),
    paragraphs: [
      fillText(weekly.lead, { day }),
      ...(waiting.length === 0 ? [weekly.nothingWaits] : part(words, 'waiting', waiting)),
      ...fixesPart(
        words,
        fixes.map(({ view }) => view),
        further,
      ),
      ...part(words, 'happened', happened),
      ...part(words, 'ending', ending),
      ...risksPart(words, changes.risks, { now: week.to, zone, url }),
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
      .filter(({ rule }) => counts(rule))
      .flatMap(({ id: requirement, rule }) =>
        linksFor(rule, { by }, roster, day)
          .filter((each) => each.holder.id === holder)
          .map(({ body, seat }) => ({ purpose: 'decide' as const, holder, body, seat, requirement, key, n, revision })),
      );
    return targets.slice(0, 1);
  });

/** To everyone in office in these bodies who has not switched it off. */
export const weeklyDrafts = (
  changes: WeekChanges,
  roster: Roster,
  bodies: readonly string[],
  off: ReadonlySet<string>,
  at: { readonly week: Week; readonly zone: string; readonly url: string },
): readonly Draft[] => {
  const day = localMoment(at.week.to, at.zone);
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
