import { changeId } from '../../../domain/feature/keys.ts';
import { decidableUntil, isOpen } from '../../../domain/feature/state.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { soonest } from '../../../domain/kernel/order.ts';
import { localDateOf, plusDuration } from '../../../domain/kernel/zone.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import type { Outcome, Subject, Words } from '../../platform/mail/vocabulary.ts';
import { endOf, lastDay } from '../../platform/mail/when.ts';
import type { Draft } from './draft.ts';
import { daysBefore, mondayOf, morningOf } from './morning.ts';

const ENDING = 'P30D';
const LIST_MAX = 20;
const DAYS_LATE_MAX = 1;

type Became = Exclude<Outcome, 'vetoed'>;
const BECAME: ReadonlySet<string> = new Set<Became>([
  'approved',
  'refused',
  'lapsed',
  'withdrawn',
  'expired',
  'revoked',
  'removed',
]);

/** The week a weekly mail is about: it ends with its morning. */
export interface Week {
  readonly monday: string;
  readonly from: string;
  readonly to: string;
}

/**
 * The week whose mail can leave now: from Monday morning, for a day. A gate that was away for the whole of it sends none: next week's
 * mail says all that still counts.
 */
export const weekToTell = (now: string, zone: string): Week | undefined => {
  const monday = mondayOf(localDateOf(now, zone));
  const to = morningOf(monday, zone);
  if (now < to || now >= morningOf(daysBefore(monday, -DAYS_LATE_MAX), zone)) return undefined;
  return { monday, from: morningOf(daysBefore(monday, 7), zone), to };
};

/** A change as a weekly mail tells of it. Views are as they are at the end of the week. */
const subjectOf = (view: ChangeView): Subject => ({
  title: view.revisions.at(-1)?.notice.title ?? '',
  change: changeId(view.key, view.number),
});

const within = (at: string | undefined, { from, to }: Week): boolean => at !== undefined && at >= from && at < to;

const becameOf = (view: ChangeView, week: Week): readonly { readonly view: ChangeView; readonly became: Became }[] => {
  const ended = within(view.ended?.at, week) && BECAME.has(view.status) ? [{ view, became: view.status as Became }] : [];
  return [...(within(view.approved?.at, week) ? [{ view, became: 'approved' as const }] : []), ...ended];
};

const listed = (words: Words, items: readonly string[]): Letter['paragraphs'][number] => ({
  list: items.length <= LIST_MAX ? items : [...items.slice(0, LIST_MAX), words.weekly.more(items.length - LIST_MAX)],
});

const part = (words: Words, head: (n: number) => string, items: readonly string[]): Letter['paragraphs'] =>
  items.length === 0 ? [] : [head(items.length), listed(words, items)];

/** What of all changes a weekly mail tells: public facts, the same for everybody. */
export const weeklyLetter = (
  words: Words,
  views: readonly ChangeView[],
  { week, zone, url, stop }: { readonly week: Week; readonly zone: string; readonly url: string; readonly stop: string },
): Letter => {
  const { weekly } = words;
  const day = lastDay(words, week.to, zone);
  const open = views.filter(isOpen);
  const waiting = open
    .toSorted((a, b) => soonest(decidableUntil(a), decidableUntil(b)))
    .map((view) => {
      const end = decidableUntil(view);
      return end === null ? weekly.openWithoutEnd(subjectOf(view)) : weekly.openUntil(subjectOf(view), endOf(words, end, zone));
    });
  const soon = plusDuration(week.to, ENDING, zone);
  const ending = views
    .flatMap((view) => {
      const end = view.status === 'approved' ? (view.approved?.validUntil ?? null) : null;
      return end !== null && end <= soon ? [{ view, end }] : [];
    })
    .sort((a, b) => soonest(a.end, b.end))
    .map(({ view, end }) => weekly.ends(subjectOf(view), endOf(words, end, zone)));
  const happened = views
    .flatMap((view) => becameOf(view, week))
    .map(({ view, became }) => weekly.became[became](subjectOf(view)));
  return {
    subject: weekly.subject(day),
    paragraphs: [
      weekly.lead(day),
      ...(waiting.length === 0 ? [weekly.nothingWaits] : part(words, weekly.waiting, waiting)),
      ...part(words, weekly.happened, happened),
      ...part(words, weekly.ending, ending),
      { text: weekly.register, url: `${url}/` },
      { text: weekly.stop, url: stop },
    ],
  };
};

/** One mail to everybody in office in these bodies who has not switched it off. */
export const weeklyDrafts = (
  views: readonly ChangeView[],
  roster: Roster,
  bodies: readonly string[],
  off: ReadonlySet<string>,
  at: { readonly week: Week; readonly zone: string; readonly url: string },
): readonly Draft[] => {
  const day = localDateOf(at.week.to, at.zone);
  const people = new Map<string, Draft>();
  for (const body of bodies)
    for (const [seat, { id }] of holdersOf(roster, body, day))
      if (!off.has(id) && !people.has(id))
        people.set(id, {
          holder: id,
          purpose: 'weekly',
          target: { purpose: 'weekly', holder: id, body, seat },
          change: null,
          revision: null,
          write: (words, stop) => weeklyLetter(words, views, { ...at, stop }),
        });
  return [...people.values()];
};
