import { changeId } from '../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { localDateOf, startOfLocalDay } from '../../../domain/kernel/zone.ts';
import { fillText } from '../../platform/catalogue.ts';
import { type ChangeReading, presentChange } from '../../register/read.ts';
import { type Due, duesOf } from '../../register/waiting.ts';
import type { Draft } from './draft.ts';
import { draftToDecide } from './drafts.ts';
import { mailsDue } from './revisionMails.ts';
import type { Scene } from './scene.ts';

/** When offices open. */
const MORNING_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

export const daysBefore = (localDate: string, days: number): string =>
  new Date(Date.parse(`${localDate}T00:00:00.000Z`) - days * DAY_MS).toISOString().slice(0, 10);

export const morningOf = (localDate: string, zone: string): string =>
  new Date(Date.parse(startOfLocalDay(localDate, zone)) + MORNING_MS).toISOString();

/** Of the last day on which something that ends at the instant is open. */
const morningBefore = (end: string, days: number, zone: string): string => {
  const lastDay = localDateOf(new Date(Date.parse(end) - 1).toISOString(), zone);
  return morningOf(daysBefore(lastDay, days), zone);
};

export const mondayOf = (localDate: string): string =>
  daysBefore(localDate, (new Date(`${localDate}T00:00:00.000Z`).getUTCDay() + 6) % 7);

/** A person is reminded on these mornings, once each; the nearest first. */
const DAYS_BEFORE = [1, 7] as const;

const askedSince = (view: ChangeView, { requirement }: Due): string =>
  [
    mailsDue(view.revisions),
    view.veto?.at ?? '',
    ...view.acts.filter((act) => act.requirement !== requirement.id).map(({ at }) => at),
  ]
    .sort()
    .at(-1) ?? '';

/** In days before the last; after an outage only the nearest. */
const dayDue = (view: ChangeView, due: Due, { now, zone }: Pick<Scene, 'now' | 'zone'>): number | undefined => {
  const { until, from } = due;
  if (until === null || from !== null || now >= until) return undefined;
  const days = DAYS_BEFORE.find((before) => now >= morningBefore(until, before, zone));
  return days !== undefined && askedSince(view, due) < morningBefore(until, days, zone) ? days : undefined;
};

const reminding =
  (write: Draft['write']): Draft['write'] =>
  (words, ...links) => {
    const { subject, paragraphs } = write(words, ...links);
    return { subject: fillText(words.reminder.subject, { subject }), paragraphs: [words.reminder.lead, ...paragraphs] };
  };

type OtherFacts = Omit<Scene, 'reading'>;

/** `event` and the recipient name the mail. */
export interface Reminder {
  readonly event: string;
  readonly drafts: readonly Draft[];
}

/** The first mail may still be under way this long. */
const SETTLED_MS = 10 * 60_000;

/** The first mail to each person who came into office after the requirement opened. The caller drops those who have a link. */
export const lateOf = (reading: ChangeReading, scene: OtherFacts): readonly Reminder[] => {
  const view = presentChange(reading.view, reading.state, scene.now);
  const before = new Date(Date.parse(scene.now) - SETTLED_MS).toISOString();
  return duesOf(view, reading.state, scene.roster, scene)
    .filter((due) => askedSince(view, due) < before)
    .map((due) => ({
      event: `late/${changeId(view.key, view.number)}/${view.revisions.at(-1)?.revision ?? 1}`,
      drafts: [draftToDecide({ ...scene, reading }, due)],
    }));
};

/** To those who have not acted yet, with the link they have. */
export const remindersOf = (reading: ChangeReading, scene: OtherFacts): readonly Reminder[] => {
  const view = presentChange(reading.view, reading.state, scene.now);
  return duesOf(view, reading.state, scene.roster, scene).flatMap((due) => {
    const days = dayDue(view, due, scene);
    if (days === undefined) return [];
    const draft = draftToDecide({ ...scene, reading }, due);
    const event = `reminder/${changeId(view.key, view.number)}/${due.until}/${days}`;
    return [{ event, drafts: [{ ...draft, write: reminding(draft.write) }] }];
  });
};
