// Storage format: the subjects of due mails, ordered by time, in the side store. Removed once the mail was sent.

import * as z from 'zod';
import type { KeyRecord } from '../../../domain/derived/record.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { ascending, plusMs } from '../../../domain/kernel/order.ts';
import { strictObject } from '../../../domain/kernel/zodTypes.ts';
import type { StoredCommit } from '../../platform/store/port.ts';
import { pagesOf, type SideStore } from '../../platform/store/sideStore.ts';
import { readKeyRecord } from '../../register/derived/records.ts';
import { attempt, type Draft, type NotifyPorts } from './post.ts';

const DUE = 'mail-due';
const PAGE = 100;
const READ_TOGETHER = 50;
/** The interval at which refused mails are checked; each has its own time for the next try. */
export const AGAIN_MS = 60_000;
/** RFC 5321, section 4.5.4.1. */
export const GIVE_UP_MS = 5 * 86_400_000;

const DUE_TOPICS = ['commit', 'drift-closing', 'drift-first', 'drift-wide', 'entered', 'forced', 'off', 'voted'] as const;
export type DueTopic = (typeof DUE_TOPICS)[number];

/**
 * `at`, `sequence`: of the derived event; `since`: of a case of drift; of what shares a mail, the id of the first that does; null
 * otherwise. Of a commit `key` is the stream, `sequence` the version, and `at` when its mails were tried first.
 */
const DueAbout = strictObject(() => ({ key: z.string(), at: z.string(), sequence: z.int(), since: z.string().nullable() }));
export type DueAbout = z.infer<typeof DueAbout>;

export interface MailDue {
  readonly id: string;
  readonly topic: DueTopic;
  readonly about: DueAbout;
}

const idOf = (at: string, topic: DueTopic, { key, sequence, since }: DueAbout): string =>
  `${at}/${topic}/${key}/${sequence}/${since ?? ''}`;

export const putDue = (sideStore: SideStore, at: string, topic: DueTopic, about: DueAbout): Promise<void> =>
  sideStore.put(DUE, idOf(at, topic, about), about satisfies JsonValue);

export const removeDues = async (sideStore: SideStore, dues: readonly MailDue[]): Promise<void> => {
  await Promise.all(dues.map(({ id }) => sideStore.remove(DUE, id)));
};

/** `about`: what it is about from now on. */
export const moveDue = async (sideStore: SideStore, due: MailDue, at: string, about = due.about): Promise<MailDue> => {
  const { id: before, topic } = due;
  const id = idOf(at, topic, about);
  if (id !== before) {
    await putDue(sideStore, at, topic, about);
    await sideStore.remove(DUE, before);
  }
  return { id, topic, about };
};

const again = ({ clock }: NotifyPorts): string => plusMs(clock(), AGAIN_MS);

export const postponeDues = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  await Promise.all(dues.map((due) => moveDue(ports.sideStore, due, again(ports))));
};

export const tryCommitLater = (
  ports: NotifyPorts,
  { stream, version }: Pick<StoredCommit, 'stream' | 'version'>,
): Promise<void> =>
  putDue(ports.sideStore, again(ports), 'commit', { key: stream, at: ports.clock(), sequence: version, since: null });

export const takeNotice = async ({ sideStore }: NotifyPorts, key: string, event: FeatureEvent): Promise<void> => {
  if ((event.type === 'ChangeNotified' || event.type === 'ChangeRevised') && event.notice.optOut === 'no')
    await putDue(sideStore, event.at, 'forced', { key, at: event.at, sequence: event.change, since: null });
};

/** Returns what is due by now, by topic. Reads little more than that. */
export const readDues = async (sideStore: SideStore, now: string): Promise<ReadonlyMap<DueTopic, readonly MailDue[]>> => {
  const dues: MailDue[] = [];
  for await (const page of pagesOf(sideStore, DUE, { limit: PAGE })) {
    const reached = page.filter(({ id }) => id.slice(0, now.length) <= now);
    for (const { id, value } of reached) {
      const topic = DUE_TOPICS.find((each) => each === id.split('/', 2)[1]);
      const about = DueAbout.safeParse(value).data;
      if (topic !== undefined && about !== undefined) dues.push({ id, topic, about });
    }
    if (reached.length < page.length) break;
  }
  return Map.groupBy(dues, ({ topic }) => topic);
};

const lagsBehind = (record: KeyRecord, { about }: MailDue): boolean =>
  record.sequence < about.sequence || (record.sequence === about.sequence && record.at < about.at);

/**
 * Returns what `reasonOf` finds in the keys' records, by key. Removes a due without a reason; leaves one whose record lags to the next
 * run.
 */
export const reasonsIn = async <T extends { readonly key: string }>(
  ports: NotifyPorts,
  dues: readonly MailDue[],
  reasonOf: (record: KeyRecord, due: MailDue) => Promise<T | undefined> | T | undefined,
): Promise<readonly T[]> => {
  const found: T[] = [];
  const read = async (due: MailDue): Promise<void> => {
    const record = await readKeyRecord(ports.sideStore, due.about.key);
    if (record === undefined) return postponeDues(ports, [due]);
    if (lagsBehind(record, due)) return;
    const reason = await reasonOf(record, due);
    if (reason === undefined) await removeDues(ports.sideStore, [due]);
    else found.push(reason);
  };
  for (let from = 0; from < dues.length; from += READ_TOGETHER)
    await Promise.all(dues.slice(from, from + READ_TOGETHER).map(read));
  return found.sort((one, other) => ascending(one.key, other.key));
};

/** Sends mails about dues, which are removed once all are sent, and otherwise retried later. */
export const mailAbout = async (
  ports: NotifyPorts,
  event: string,
  about: readonly { readonly due: MailDue }[],
  drafts: readonly Draft[],
): Promise<void> => {
  const dues = about.map(({ due }) => due);
  await ((await attempt(ports, event, drafts)) ? removeDues(ports.sideStore, dues) : postponeDues(ports, dues));
};
