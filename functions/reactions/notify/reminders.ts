import type { ChangeView } from '../../../domain/feature/view.ts';
import { lastDayOf, startOfLocalDay } from '../../../domain/kernel/zone.ts';
import { fillText } from '../../platform/catalogue.ts';
import { type ChangeReading, presentChange } from '../../register/read.ts';
import { type Due, duesOf } from '../../register/waiting.ts';
import { askDraft, type Scene } from './asks.ts';
import { type Draft, holderOf } from './draft.ts';
import { reminderLetter } from './letters.ts';
import { mailsDue } from './revisionMails.ts';
import { several } from './together.ts';

/** When offices open. */
const MORNING_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

export const daysBefore = (localDate: string, days: number): string =>
  new Date(Date.parse(`${localDate}T00:00:00.000Z`) - days * DAY_MS).toISOString().slice(0, 10);

export const morningOf = (localDate: string, zone: string): string =>
  new Date(Date.parse(startOfLocalDay(localDate, zone)) + MORNING_MS).toISOString();

/** Of the last day on which something that ends at the instant is open. */
const morningBefore = (end: string, days: number, zone: string): string => {
  return morningOf(daysBefore(lastDayOf(end, zone), days), zone);
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
    const letter = write(words, ...links);
    return { ...letter, subject: fillText(words.reminder.subject, { subject: letter.subject }) };
  };

/** A draft with the event that names it. */
export type EventDraft = Draft & { readonly event: string };

/** To those who have not acted yet, with the link they have. */
export const remindersOf = (reading: ChangeReading, facts: Pick<Scene, 'roster' | 'now' | 'zone'>): readonly Due[] => {
  const view = presentChange(reading.view, reading.state, facts.now);
  return duesOf(view, reading.state, facts.roster, facts).filter((due) => dayDue(view, due, facts) !== undefined);
};

export const reminderDraft = (scene: Scene, due: Due): EventDraft => {
  const { reading, now } = scene;
  const draft = askDraft(scene, due);
  const days = dayDue(presentChange(reading.view, reading.state, now), due, scene);
  const event = `reminder/${draft.change}/${due.until}/${days}`;
  return { ...draft, event, write: reminding(draft.write) };
};

/** What one morning reminds a person of, in one mail. */
export const remindersTogether = (drafts: readonly EventDraft[], zone: string): readonly Draft[] =>
  [...Map.groupBy(drafts, holderOf).values()].flatMap((own) =>
    own.length === 1 ? own : [several(own, (words, items) => reminderLetter(words, zone, items))],
  );
