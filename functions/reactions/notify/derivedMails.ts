// Mails made due by derived events, which are not commits, and by some commits. They are written from the records at the time of sending.

import type { DerivedEvent } from '../../../domain/derived/events.ts';
import type { ChangeRecord, KeyRecord } from '../../../domain/derived/record.ts';
import { countsAsMaintenance, outdates } from '../../../domain/feature/arrival.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { presentChange } from '../../../domain/feature/present.ts';
import { inForceIn } from '../../../domain/feature/state.ts';
import { ascending, latest } from '../../../domain/kernel/order.ts';
import { fillText } from '../../platform/catalogue.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { type DerivedConsumer, followDerived } from '../../register/derived/followers.ts';
import { type ChangeReading, readChange } from '../../register/project.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import { mailTogether } from './asks.ts';
import { mailClosed, mailOpened, mailStillOpen } from './driftMails.ts';
import {
  type DueAbout,
  type DueTopic,
  type MailDue,
  mailAbout,
  moveDue,
  putDue,
  readDues,
  reasonsIn,
  removeDues,
} from './dues.ts';
import { keysLetter } from './letters.ts';
import { newTask, overTask } from './morning.ts';
import { mailCommits } from './notify.ts';
import { clerks, clerksAndIt, draftsTo, type NotifyPorts, wasWithin } from './post.ts';

/** Records the mails that a derived event makes due. A repeat changes nothing. */
export const takeDerived = async (ports: NotifyPorts, event: DerivedEvent): Promise<void> => {
  const { sideStore } = ports;
  const aboutOf = (key: string, since: string | null = null): DueAbout => ({
    key,
    at: event.at,
    sequence: event.sequence,
    since,
  });
  switch (event.type) {
    case 'DriftOpened': {
      const about = aboutOf(event.key, event.since);
      // The time of sending depends on policy and record: it is checked when they are due, and they are moved then.
      await putDue(sideStore, event.at, 'drift-first', about);
      return putDue(sideStore, event.at, 'drift-wide', about);
    }
    case 'DriftClosed':
      return putDue(sideStore, event.at, 'drift-closing', aboutOf(event.key, event.since));
    case 'AnswerChanged':
      return event.variant === 'outdated' ? putDue(sideStore, event.at, 'off', aboutOf(event.key)) : undefined;
    case 'TaskOpened':
      return newTask(ports, event.task);
    case 'TaskClosed':
      return overTask(ports, event.task);
  }
};

// Approved words that a vendor's words have made untrue

const effectOf = ({ at, effectiveAt }: ChangeRecord): string => latest(at, effectiveAt ?? undefined);

/** Reports whether words took effect at the vendor without the city's approval. */
const ranUnasked = ({ kind, optOut, withoutAction, optedOut }: ChangeRecord): boolean =>
  kind !== 'removal' && (optOut !== 'yes' || (withoutAction !== 'off' && optedOut?.counts !== true));

/** Returns the change whose words took effect last; of several at one instant, one of them. */
const outdatingIn = ({ changes, answer }: KeyRecord, at: string): ChangeRecord | undefined =>
  changes
    .filter((change) => change.n !== answer?.change && ranUnasked(change) && effectOf(change) <= at)
    .toSorted((one, other) => ascending(effectOf(one), effectOf(other)))
    .at(-1);

const wentOffLine = (words: MailWords, record: KeyRecord, at: string, zone: string): string => {
  const { forced, silent, other } = words.wentOff;
  const change = outdatingIn(record, at);
  const text = change === undefined ? other : change.optOut === 'yes' ? silent : forced;
  const { key } = record;
  return fillText(text, {
    key,
    when: mailTimes(words, zone).dateTime(at),
    change: change === undefined ? '' : changeId(key, change.n),
  });
};

/** Mails the clerks and IT, once for everything that was on and went off at one instant. */
const mailWentOff = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  const found = await reasonsIn(ports, dues, (record, due) => {
    const isReason = record.answer?.variant === 'outdated' && record.offSince === due.about.at;
    return isReason ? { key: record.key, due, record } : undefined;
  });
  for (const [event, group] of Map.groupBy(found, ({ due: { about } }) => `went-off/${about.at}/${about.sequence}`)) {
    const write = (words: MailWords): Letter => {
      const lines = group.map(({ record, due }) => wentOffLine(words, record, due.about.at, ports.zone));
      const { wentOff } = words;
      return keysLetter(words, wentOff, group, lines, [wentOff.means, { text: wentOff.page, url: `${ports.url}/calendar` }]);
    };
    await mailAbout(ports, event, group, draftsTo(await clerksAndIt(ports), 'went-off', write));
  }
};

// Notices of changes that the city cannot opt out of, for something that is approved

/** Side kind: when such notices were mailed last. */
const MAILED = 'forced-mailed';
const NEWEST = 'newest';
/** The minimum interval between two such mails, so that a burst of notices makes at most two. */
const AT_MOST_EVERY_MS = 3_600_000;

interface Forced {
  readonly due: MailDue;
  readonly key: string;
  readonly change: string;
  readonly from: string;
}

const isFresh = ({ about }: MailDue): boolean => about.since === null;

/** Returns the forced change; undefined if its newest words can be held back, or outdate no approval. */
const forcedIn = (due: MailDue, { view, state }: ChangeReading, now: string): Forced | undefined => {
  const { key, number } = view;
  const { notice, at } = latestOf(view);
  const inForce = inForceIn(state);
  if (notice.optOut !== 'no' || !outdates(notice, key)) return undefined;
  if (inForce === undefined || inForce.number === number || countsAsMaintenance(state, number)) return undefined;
  if (presentChange({ view, state }, now).status === 'withdrawn') return undefined;
  return { due, key, change: changeId(key, number), from: latest(at, notice.effectiveAt ?? undefined) };
};

const forcedOf = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<readonly Forced[]> => {
  const found: Forced[] = [];
  for (const due of dues) {
    const reading = await ifReadable(readChange(ports, due.about.key, due.about.sequence));
    const each = reading && forcedIn(due, reading, ports.clock());
    if (each === undefined) await removeDues(ports.sideStore, [due]);
    else found.push(each);
  }
  return found.sort((one, other) => ascending(one.key, other.key));
};

/** Assigns changes without a mail to one, before it is sent, so that a repeat after a crash has the same content. */
const inMails = async ({ sideStore, clock }: NotifyPorts, found: readonly Forced[]): Promise<readonly Forced[]> => {
  const since = found.find(({ due }) => isFresh(due))?.due.id;
  if (since === undefined) return found;
  const begun = found.map(async (each) => {
    const { about } = each.due;
    return isFresh(each.due) ? { ...each, due: await moveDue(sideStore, each.due, about.at, { ...about, since }) } : each;
  });
  const all = await Promise.all(begun);
  await sideStore.put(MAILED, NEWEST, clock());
  return all;
};

/**
 * Mails the clerks about approved features for which the vendor announces a change without an opt-out: the first at once, and everything
 * within the next hour in one further mail.
 */
const mailForced = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  const last = await ports.sideStore.get(MAILED, NEWEST);
  const waits = typeof last === 'string' && wasWithin(ports, last, AT_MOST_EVERY_MS);
  const found = await forcedOf(
    ports,
    dues.filter((due) => !waits || !isFresh(due)),
  );
  for (const [since, group] of Map.groupBy(await inMails(ports, found), ({ due }) => due.about.since)) {
    // A notice and its revision ask for one line: each is of the newest words.
    const changes = [...new Map(group.map((each) => [each.change, each])).values()];
    const write = (words: MailWords): Letter => {
      const { cannotOptOut } = words;
      const { dateTime } = mailTimes(words, ports.zone);
      const lines = changes.map(({ key, change, from }) => fillText(cannotOptOut.item, { key, change, when: dateTime(from) }));
      const page = { text: cannotOptOut.page, url: `${ports.url}/worklist` };
      return keysLetter(words, cannotOptOut, changes, lines, [cannotOptOut.means, page]);
    };
    await mailAbout(ports, `forced/${since}`, group, draftsTo(await clerks(ports), 'forced', write));
  }
};

type Topics = readonly (readonly [DueTopic, (ports: NotifyPorts, dues: readonly MailDue[]) => Promise<void>])[];

const ASKED: Topics = [
  ['voted', mailTogether('voted')],
  ['entered', mailTogether('entered')],
  ['commit', mailCommits],
];

/** Topics in order of sending. A case that opened and closed meanwhile has one mail, so openings come first. */
const DERIVED: Topics = [
  ['drift-first', mailOpened],
  ['drift-wide', mailStillOpen],
  ['drift-closing', mailClosed],
  ['off', mailWentOff],
  ['forced', mailForced],
];

const mailDues = async (ports: NotifyPorts, topics: Topics): Promise<void> => {
  const dues = await readDues(ports.sideStore, ports.clock());
  for (const [topic, mail] of topics) {
    const own = dues.get(topic) ?? [];
    if (own.length > 0) await mail(ports, own);
  }
};

/**
 * Sends mails that share several commits' questions, and retries refused ones. Separate from other mail, which a server may be slow to
 * accept. Throws if no mail can be sent; the next run continues.
 */
export const mailAsked = (ports: NotifyPorts): Promise<void> => mailDues(ports, ASKED);

export const mailFollower = (ports: NotifyPorts): DerivedConsumer => ({
  name: 'mails',
  handle: ({ event }) => takeDerived(ports, event),
});

/**
 * Takes new derived events, then sends due mails: only after all are taken, so that one report makes one mail. Run it in one process at a
 * time. Throws if no mail can be sent; the next run continues.
 */
export const mailDerived = async (ports: NotifyPorts): Promise<void> => {
  const { name, handle } = mailFollower(ports);
  if ((await followDerived(ports, name, handle)) !== 'caught-up') return;
  await mailDues(ports, DERIVED);
};
