import { changeId } from '../../../domain/feature/keys.ts';
import { findChange } from '../../../domain/feature/state.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { presentChange } from '../../register/present.ts';
import type { ChangeReading } from '../../register/read.ts';
import { type Due, duesOf } from '../../register/views/dues.ts';
import type { Draft } from './draft.ts';
import { draftsToDecide, type Scene } from './drafts.ts';
import { morningBefore } from './morning.ts';

/** How many days before the last one a person is reminded, the nearest first: in the morning, once each. */
const DAYS_BEFORE = [1, 7] as const;

/** Since when this has been asked of the person: those who were asked only now are not reminded yet. */
const askedSince = (view: ChangeView, { requirement }: Due): string =>
  [
    view.revisions.at(-1)?.at ?? '',
    view.veto?.at ?? '',
    ...view.acts.filter((act) => act.requirement !== requirement.id).map(({ at }) => at),
  ]
    .sort()
    .at(-1) ?? '';

/** The reminder that is due now: after an outage only the nearest, never two at once. */
const dayDue = (view: ChangeView, due: Due, { now, zone }: Pick<Scene, 'now' | 'zone'>): number | undefined => {
  const { until, from } = due;
  if (until === null || from !== null || now >= until) return undefined;
  const days = DAYS_BEFORE.find((before) => now >= morningBefore(until, before, zone));
  return days !== undefined && askedSince(view, due) < morningBefore(until, days, zone) ? days : undefined;
};

const reminding =
  (write: Draft['write']): Draft['write'] =>
  (words, link) => {
    const { subject, paragraphs } = write(words, link);
    return { subject: words.reminder.subject(subject), paragraphs: [words.reminder.lead, ...paragraphs] };
  };

/** What names the reminder with the person: the same again is the same mail. */
export interface Reminder {
  readonly event: string;
  readonly drafts: readonly Draft[];
}

/** How long whoever is asked has been asked before it is looked whether the mail went to somebody else: no mail is overtaken. */
const SETTLED_MS = 10 * 60_000;

/**
 * The first mail to whoever must act now and was not asked when it opened: an acting mayor, a new clerk. Whether they have a link
 * already is for the caller to see.
 */
export const lateOf = (reading: ChangeReading, scene: Omit<Scene, 'reading'>): readonly Reminder[] => {
  const view = presentChange(reading.view, reading.state, scene.now);
  const by = findChange(reading.state, view.number)?.by ?? '';
  const before = new Date(Date.parse(scene.now) - SETTLED_MS).toISOString();
  return duesOf(view, { by }, scene.roster, scene)
    .filter((due) => askedSince(view, due) < before)
    .map((due) => ({
      event: `late/${changeId(view.key, view.number)}/${view.revisions.at(-1)?.revision ?? 1}`,
      drafts: draftsToDecide({ ...scene, reading }, due),
    }));
};

/** Reminders of what is about to close, to those who have not acted yet, with the link they were sent before. */
export const remindersOf = (reading: ChangeReading, scene: Omit<Scene, 'reading'>): readonly Reminder[] => {
  const view = presentChange(reading.view, reading.state, scene.now);
  const by = findChange(reading.state, view.number)?.by ?? '';
  return duesOf(view, { by }, scene.roster, scene).flatMap((due) => {
    const days = dayDue(view, due, scene);
    if (days === undefined) return [];
    const drafts = draftsToDecide({ ...scene, reading }, due).map((draft) => ({ ...draft, write: reminding(draft.write) }));
    return [{ event: `reminder/${changeId(view.key, view.number)}/${due.until}/${days}`, drafts }];
  });
};
