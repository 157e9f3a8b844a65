// Storage format: what a mail is due about at an instant, in the order of time, in the side store. Removed once the mail has left.
import * as z from 'zod';
import type { KeyRecord } from '../../../domain/derived/record.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';

const DUE = 'mail-due';
const PAGE = 100;
/** After this time a mail that was refused is tried again: an address that refuses mail must not be tried every minute. */
const REFUSED_MS = 15 * 60_000;

export const DUE_TOPICS = ['drift-closing', 'drift-first', 'drift-wide', 'forced', 'off'] as const;
export type DueTopic = (typeof DUE_TOPICS)[number];

/** `at`, `sequence`: of the derived event; `since`: of a case of drift; null otherwise. */
const DueAbout = strictObject(() => ({ key: z.string(), at: z.string(), sequence: z.int(), since: z.string().nullable() }));
export type DueAbout = z.infer<typeof DueAbout>;

export interface MailDue {
  readonly id: string;
  readonly topic: DueTopic;
  readonly about: DueAbout;
}

/** Whether a record is older than the event that a mail is due about. */
export const lagsBehind = (record: Pick<KeyRecord, 'sequence' | 'at'>, { about }: MailDue): boolean =>
  record.sequence < about.sequence || (record.sequence === about.sequence && record.at < about.at);

const idOf = (at: string, topic: DueTopic, { key, sequence, since }: DueAbout): string =>
  `${at}/${topic}/${key}/${sequence}/${since ?? ''}`;

export const putDue = (sideStore: SideStore, at: string, topic: DueTopic, about: DueAbout): Promise<void> =>
  sideStore.put(DUE, idOf(at, topic, about), about satisfies JsonValue);

export const removeDues = async (sideStore: SideStore, dues: readonly MailDue[]): Promise<void> => {
  await Promise.all(dues.map(({ id }) => sideStore.remove(DUE, id)));
};

const moveTo = async (sideStore: SideStore, due: MailDue, at: string): Promise<void> => {
  if (idOf(at, due.topic, due.about) === due.id) return;
  await putDue(sideStore, at, due.topic, due.about);
  await sideStore.remove(DUE, due.id);
};

/** Moves what is not due yet, such as after the policy has changed. */
export const moveDues = async (sideStore: SideStore, dues: readonly MailDue[], at: string): Promise<void> => {
  await Promise.all(dues.map((due) => moveTo(sideStore, due, at)));
};

/** Has what was refused tried again, later. */
export const tryLater = (sideStore: SideStore, dues: readonly MailDue[], now: string): Promise<void> =>
  moveDues(sideStore, dues, new Date(Date.parse(now) + REFUSED_MS).toISOString());

/** What is due by now, by topic. Reads little more than that. */
export const readDues = async (sideStore: SideStore, now: string): Promise<ReadonlyMap<DueTopic, readonly MailDue[]>> => {
  const dues: MailDue[] = [];
  for (let after: string | undefined; ; ) {
    const page = await sideStore.list(DUE, '', { limit: PAGE, ...(after !== undefined && { after }) });
    const reached = page.filter(({ id }) => id.slice(0, now.length) <= now);
    for (const { id, value } of reached) {
      const topic = DUE_TOPICS.find((each) => each === id.split('/', 2)[1]);
      const about = DueAbout.safeParse(value).data;
      if (topic !== undefined && about !== undefined) dues.push({ id, topic, about });
    }
    if (reached.length < PAGE) break;
    after = reached.at(-1)?.id;
  }
  return Map.groupBy(dues, ({ topic }) => topic);
};
