// The mail that only the calendar triggers: what was not asked yet, reminders, first days, agendas, the morning's mails and the
// weekly letter.

import * as z from 'zod';
import { isOpen } from '../../../domain/feature/state.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { latest, plusMs } from '../../../domain/kernel/order.ts';
import { object } from '../../../domain/kernel/zodTypes.ts';
import { lastDayOf, localDateOf, localMoment } from '../../../domain/kernel/zone.ts';
import { holdersOf, isInOffice, startOfTerm } from '../../../domain/roster/holders.ts';
import type { Holder, Roster } from '../../../domain/roster/schema.ts';
import { readPolicies, readRosters } from '../../gate/aggregates.ts';
import { directoryEntry } from '../../gate/directory.ts';
import { linkIsRevoked } from '../../gate/links.ts';
import { bodyNames, fillCount, fillText } from '../../platform/catalogue.ts';
import type { Paragraph } from '../../platform/mail/letter.ts';
import type { MailWords } from '../../platform/mail/words.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { readChange, readNamedChange } from '../../register/project.ts';
import { type Due, outstandingActs } from '../../register/waiting.ts';
import { askDraft, changesOf, draftsOf, inOneMail, isMailDue, lastTurnOf, type Scene, sceneOf, wordsEvent } from './asks.ts';
import { rollbackDrafts, undoneChanges } from './confirmDrafts.ts';
import { GIVE_UP_MS } from './dues.ts';
import { askLetter, changeName, LISTED_MAX, reminderLetter } from './letters.ts';
import { officeDrafts } from './links.ts';
import { daysBefore, morningOf, writeMorning } from './morning.ts';
import {
  attempt,
  type Draft,
  holderOf,
  isSent,
  judgedOnly,
  judgementOf,
  type NotifyPorts,
  type SharedMail,
  sentAt,
  wasWithin,
} from './post.ts';
import { forgetWaiting } from './waitingMails.ts';
import { mailWeek } from './weekly.ts';

type EventDraft = Draft & { readonly event: string };

type Facts = Pick<Scene, 'now' | 'zone'>;

const namedPages = (words: MailWords, url: string, changes: readonly ReturnType<typeof changeName>[]): readonly Paragraph[] => {
  const shown = changes.slice(0, LISTED_MAX);
  const more = changes.length - shown.length;
  return [
    ...shown.map((each) => ({ text: fillText(words.named, { ...each }), url: `${url}/changes/${each.change}` })),
    ...(more > 0 ? [fillText(words.weekly.more, { n: more })] : []),
  ];
};

// Reminders

/** A person is reminded on these mornings before the last day, once each; the nearest first. */
const DAYS_BEFORE = [1, 7] as const;

const dayDue = ({ until, begins }: Due, { now, zone }: Facts) => {
  if (until === null || begins !== undefined || now >= until) return undefined;
  const morning = (days: number): string => morningOf(daysBefore(lastDayOf(until, zone), days), zone);
  const days = DAYS_BEFORE.find((before) => now >= morning(before));
  return days === undefined ? undefined : { days, morning: morning(days) };
};

/** Drafts reminders to those who were asked before that morning and have not acted, with the link they have. */
const remindersOf = async (ports: NotifyPorts, scene: Scene): Promise<readonly EventDraft[]> => {
  const { reading, roster, view } = scene;
  const reminders = outstandingActs(view, reading.state, roster, scene).map(async (due) => {
    const near = dayDue(due, scene);
    if (near === undefined) return [];
    const draft = askDraft(scene, due);
    const asked = await sentAt(ports, draft);
    if (asked === undefined || asked >= near.morning) return [];
    const write: Draft['write'] = (words, link) => askLetter(words, scene, due, link, words.reminder.byDay);
    const together: SharedMail = { name: 'reminder', write: (words, items) => reminderLetter(words, scene, items) };
    return [{ ...draft, event: `reminder/${draft.change}/${due.until}/${near.days}`, write, together }];
  });
  return (await Promise.all(reminders)).flat();
};

// First days

/** Returns the terms that began since an instant, or came with a roster in force since then. */
const newTerms = (roster: Roster, since: string, { now, zone }: Facts): readonly Holder[] => {
  const [present, after] = [localMoment(now, zone), plusMs(now, -GIVE_UP_MS)];
  return roster.holders.filter((term) => isInOffice(term, present) && latest(startOfTerm(term, zone), since) > after);
};

// Agendas

/** Side kind: the newest agenda that a clerk sent, by body. */
const AGENDA = 'agenda';
const Agenda = object(() => ({ at: z.string(), changes: z.array(z.string()) }));

const agendaOf = async (sideStore: SideStore, body: string) => Agenda.safeParse(await sideStore.get(AGENDA, body)).data;

/** Orders an agenda, one a day for a body, so that a clerk's stolen link cannot flood anyone. False if another was ordered that day. */
export const orderAgenda = async (
  { sideStore, zone }: Pick<NotifyPorts, 'sideStore' | 'zone'>,
  body: string,
  agenda: z.infer<typeof Agenda>,
): Promise<boolean> => {
  const known = await agendaOf(sideStore, body);
  if (known !== undefined && localDateOf(known.at, zone) === localDateOf(agenda.at, zone))
    return canonical(known.changes) === canonical(agenda.changes);
  await sideStore.put(AGENDA, body, agenda);
  return true;
};

/** The open ones of an agenda that may stand; none while one may not be mailed yet. */
const judgedOf = async (ports: NotifyPorts, changes: readonly string[]): Promise<readonly ChangeView[]> => {
  const found = await Promise.all(changes.map((id) => readNamedChange(ports, id)));
  const views = found.flatMap((reading) => (reading !== undefined && isOpen(reading.view) ? reading.view : []));
  return (await judgedOnly(ports, views)) ?? [];
};

const agendaMails = async (ports: NotifyPorts, roster: Roster, now: string): Promise<readonly EventDraft[]> => {
  const { sideStore, zone, url } = ports;
  const mails: EventDraft[] = [];
  for (const [body, { name: called = body }] of Object.entries(roster.bodies)) {
    const agenda = await agendaOf(sideStore, body);
    if (agenda === undefined || !wasWithin(ports, agenda.at, GIVE_UP_MS)) continue;
    const named = (await judgedOf(ports, agenda.changes)).map(changeName);
    if (named.length === 0) continue;
    const packet = new URLSearchParams(named.map(({ change }): [string, string] => ['change', change]));
    const write: Draft['write'] = (words) => {
      const names = bodyNames(words.locale, called);
      return {
        subject: fillCount(words.locale, words.agenda, 'subject', named.length, { ...names }),
        paragraphs: [
          fillText(words.agenda.lead, names),
          ...namedPages(words, url, named),
          { text: words.agenda.packet, url: `${url}/packet?${packet}` },
        ],
      };
    };
    const event = `agenda/${body}/${localDateOf(agenda.at, zone)}`;
    for (const holder of new Set([...holdersOf(roster, body, localMoment(now, zone)).values()].map(({ id }) => id)))
      mails.push({ event, to: { holder }, purpose: 'agenda', write });
  }
  return mails;
};

// The run

/** The mails of an event may still be under way this long. */
const SETTLED_MS = 10 * 60_000;

/**
 * Not to a person who had it, as most did; nor to one without an address, again and again; nor to one whose links were all cut off, who
 * would get a new one.
 */
const unsent = async <T extends Draft>(ports: NotifyPorts, drafts: readonly T[]): Promise<readonly T[]> => {
  const left = drafts.map(async (draft) => {
    const { target } = draft;
    if ((await isSent(ports, draft)) || (target !== undefined && (await linkIsRevoked(ports, target)))) return [];
    return (await directoryEntry(ports.sideStore, holderOf(draft) ?? '')) === undefined ? [] : [draft];
  });
  return (await Promise.all(left)).flat();
};

/** Asks persons not asked yet, such as new holders, and reminds of what is about to close. */
const askAndRemind = async (ports: NotifyPorts, roster: Roster, now: string): Promise<void> => {
  const settled = plusMs(now, -SETTLED_MS);
  const [together, reminders]: [Draft[], EventDraft[]] = [[], []];
  for await (const { view } of changesOf(ports, now, 'open')) {
    // The list may lag, as after a crash, and would ask for what was done since.
    const reading = await ifReadable(readChange(ports, view.key, view.number));
    if (reading === undefined || (await judgementOf(ports, view.key)) !== 'judged') continue;
    const scene = await sceneOf(ports, reading, roster);
    const isAsked = isMailDue(reading.view, now) && lastTurnOf(reading.view) < settled;
    const asks = isAsked ? draftsOf(scene, ports.itMail).drafts : [];
    const mayHave = await unsent(ports, asks);
    together.push(...mayHave.filter((draft) => draft.together !== undefined));
    const own = mayHave.filter((draft) => draft.together === undefined);
    await attempt(ports, wordsEvent(reading.view), own);
    if (!scene.isMaintenance) reminders.push(...(await remindersOf(ports, scene)));
  }
  // A mail for several counts as sent once its first is, so only what is unsent is put together.
  const due = await unsent(ports, reminders);
  const agendas = await unsent(ports, await agendaMails(ports, roster, now));
  const shared = await inOneMail(ports, [...together, ...due]);
  for (const draft of [...shared, ...agendas]) await attempt(ports, draft.event ?? '', [draft]);
};

/** Returns the last instant of a change at which persons may have to confirm that it was undone. */
const lastUndone = ({ ended, optOut, rollback }: ChangeView): string =>
  latest(ended?.at ?? '', optOut?.records.at(-1)?.at, rollback?.confirmations.at(-1)?.at);

/**
 * Asks persons not asked yet whether something was undone: because the approval that it outdates came later, or because they are new
 * holders.
 */
const askWhetherUndone = async (ports: NotifyPorts, roster: Roster, now: string): Promise<void> => {
  const settled = plusMs(now, -SETTLED_MS);
  for (const reading of await undoneChanges(ports)) {
    if ((await judgementOf(ports, reading.view.key)) !== 'judged' || lastUndone(reading.view) >= settled) continue;
    const drafts = await unsent(ports, await rollbackDrafts(ports, reading, roster));
    await attempt(ports, 'undone', drafts);
  }
};

/**
 * Sends the mail that only the calendar triggers. Runs as often as needed, one at a time: a mail goes out twice only after a crash
 * between acceptance and record. Throws when no mail can leave or the store cannot be read.
 */
export const writeRegularly = async (ports: NotifyPorts): Promise<void> => {
  const now = ports.clock();
  const [{ inForce: rules }, rosters] = await Promise.all([readPolicies(ports), readRosters(ports)]);
  const { inForce } = rosters;
  if (inForce === null || rules === null) return;
  await askAndRemind(ports, inForce.roster, now);
  const terms = newTerms(inForce.roster, inForce.since, { now, zone: ports.zone });
  const offices = await unsent(ports, await officeDrafts(ports, rosters, terms));
  for (const draft of offices) await attempt(ports, draft.purpose, [draft]);
  await askWhetherUndone(ports, inForce.roster, now);
  await writeMorning(ports, now);
  await mailWeek(ports, rules, inForce.roster, now);
  await forgetWaiting(ports);
};
