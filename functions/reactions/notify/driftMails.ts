// Mails about what is on without permission. A derived event says that something is due; what is mailed is what the records say then.
import * as z from 'zod';
import type { DriftCase } from '../../../domain/derived/record.ts';
import { vendorOf } from '../../../domain/feature/keys.ts';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import { latest } from '../../../domain/kernel/order.ts';
import { plusDuration } from '../../../domain/kernel/zone.ts';
import { GRACE, MEMBERS_AFTER } from '../../../domain/policy/schema.ts';
import { readPolicies } from '../../gate/aggregates.ts';
import { vendorName } from '../../gate/vendors.ts';
import { readKeyRecord } from '../../register/derived/lists.ts';
import type { Draft, Recipient } from './draft.ts';
import { closedLetter, type DriftScene, type KeyCase, openedLetter, stillLetter } from './driftLetters.ts';
import { lagsBehind, type MailDue, moveDues, removeDues, tryLater } from './dues.ts';
import type { NotifyPorts } from './ports.ts';
import { attempt, isSent } from './post.ts';
import { clerksAndIt, deciders } from './recipients.ts';

/** Side kind: of a case that was mailed, which mails and to whom they were addressed; removed with the closing one. */
const MAILED = 'drift-mailed';
const To = z.union([strictObject(() => ({ holder: z.string() })), strictObject(() => ({ itMail: z.string() }))]);
const Addressed = strictObject(() => ({ event: z.string(), to: z.array(To) })).nullable();
const Mailed = strictObject(() => ({ first: Addressed, wide: Addressed }));
type Mailed = z.infer<typeof Mailed>;

const PURPOSES = { first: 'drift', wide: 'drift-still' } as const;
const READ_TOGETHER = 50;

/** A case that a mail is due about, as its key's record has it. */
interface Case extends KeyCase {
  readonly due: MailDue;
  readonly mailed: Mailed;
}

const mailedId = (key: string, since: string): string => `${key}/${since}`;

const readMailed = async ({ sideStore }: NotifyPorts, key: string, since: string): Promise<Mailed> =>
  Mailed.safeParse(await sideStore.get(MAILED, mailedId(key, since))).data ?? { first: null, wide: null };

/** Without those whose case is no more. Those whose record cannot be read are tried later; those whose record lags, at the next run. */
const casesOf = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<readonly Case[]> => {
  const found: Case[] = [];
  const [lost, later]: [MailDue[], MailDue[]] = [[], []];
  const read = async (due: MailDue): Promise<void> => {
    const { key, since } = due.about;
    const record = await readKeyRecord(ports.sideStore, key);
    if (record !== undefined && lagsBehind(record, due)) return;
    const drift = record?.cases.findLast((each) => each.since === since);
    if (drift === undefined) (record === undefined ? later : lost).push(due);
    else found.push({ key, drift, due, mailed: await readMailed(ports, key, drift.since) });
  };
  for (let from = 0; from < dues.length; from += READ_TOGETHER)
    await Promise.all(dues.slice(from, from + READ_TOGETHER).map(read));
  await removeDues(ports.sideStore, lost);
  await tryLater(ports.sideStore, later, ports.clock());
  return found.toSorted((one, other) => (one.key < other.key ? -1 : 1));
};

const sceneOf = async (ports: NotifyPorts, key: string): Promise<DriftScene> => ({
  vendor: await vendorName(ports, key),
  zone: ports.zone,
  url: ports.url,
});

/** What one report, or one boundary of time, opened at one vendor. */
const reportOf = ({ key, drift: { openedAt, sequence } }: Case): string => `${vendorOf(key)}/${openedAt}/${sequence}`;

type Opened = Pick<DriftCase, 'openedAt' | 'byEnd'>;

/** When the mails about a case are due, by the policy in force: its grace is for what an approval that ended left on. */
interface Delays {
  readonly first: (drift: Opened) => string;
  readonly wide: (drift: Opened) => string;
}

export const delaysOf = async (ports: Pick<NotifyPorts, 'store' | 'zone'>): Promise<Delays> => {
  const observe = (await readPolicies(ports)).inForce?.policy.observe;
  const first = ({ openedAt, byEnd }: Opened) => (byEnd ? plusDuration(openedAt, observe?.grace ?? GRACE, ports.zone) : openedAt);
  const wide = (drift: Opened) =>
    latest(plusDuration(drift.openedAt, observe?.membersAfter ?? MEMBERS_AFTER, ports.zone), first(drift));
  return { first, wide };
};

/** Removes what is no reason for a mail, moves what is not due yet, and returns the rest. */
const nowDue = async (
  ports: NotifyPorts,
  cases: readonly Case[],
  { from, isReason }: { readonly from: (drift: DriftCase) => string; readonly isReason: (each: Case) => boolean },
): Promise<readonly Case[]> => {
  const now = ports.clock();
  const due: Case[] = [];
  for (const each of cases)
    if (!isReason(each)) await removeDues(ports.sideStore, [each.due]);
    else if (from(each.drift) > now) await moveDues(ports.sideStore, [each.due], from(each.drift));
    else due.push(each);
  return due;
};

const finish = async (ports: NotifyPorts, cases: readonly Case[], left: boolean): Promise<void> => {
  const dues = cases.map(({ due }) => due);
  await (left ? removeDues(ports.sideStore, dues) : tryLater(ports.sideStore, dues, ports.clock()));
};

/**
 * Whom a mail is addressed to is recorded before it leaves, so that the closing one goes to each who had it. A repeat after a crash
 * addresses the same persons.
 */
const addressed = async (
  ports: NotifyPorts,
  cases: readonly Case[],
  which: 'first' | 'wide',
  { event, to }: { readonly event: string; readonly to: readonly Recipient[] },
): Promise<readonly Recipient[]> => {
  const known = cases.map(({ mailed }) => mailed[which]).find((each) => each?.event === event);
  const recipients = known?.to ?? to;
  for (const { key, drift, mailed } of cases)
    if (drift.until === null && mailed[which] === null) {
      const entry = { ...mailed, [which]: { event, to: recipients.map((each) => ({ ...each })) } };
      await ports.sideStore.put(MAILED, mailedId(key, drift.since), entry);
    }
  return recipients;
};

const mailFirst = async (ports: NotifyPorts, cases: readonly Case[]): Promise<void> => {
  const [{ key } = { key: '' }] = cases;
  const event = `drift/${cases[0] === undefined ? '' : reportOf(cases[0])}`;
  const scene = await sceneOf(ports, key);
  const to = await addressed(ports, cases, 'first', { event, to: await clerksAndIt(ports) });
  const drafts = to.map(
    (each): Draft => ({
      to: each,
      purpose: PURPOSES.first,
      write: (words) => openedLetter(words, cases, scene),
    }),
  );
  await finish(ports, cases, await attempt(ports, event, drafts));
};

/**
 * To the clerks and IT, one mail a report. None for one that an approval's end opened and that closed within the policy's grace; one that closed later, before its mail
 * left, is in it as one that is over.
 */
export const mailOpened = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  const { first } = await delaysOf(ports);
  const cases = await nowDue(ports, await casesOf(ports, dues), {
    from: first,
    isReason: ({ drift }) => drift.closedAt === null || drift.closedAt >= first(drift),
  });
  for (const report of Map.groupBy(cases, reportOf).values()) await mailFirst(ports, report);
};

/** To those who decide, such as mayor and members, once: when a case is still open. Not to those who had the first mail. */
export const mailStillOpen = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  const { wide } = await delaysOf(ports);
  const cases = await nowDue(ports, await casesOf(ports, dues), { from: wide, isReason: ({ drift }) => drift.until === null });
  for (const [report, group] of Map.groupBy(cases, reportOf)) {
    const event = `drift-still/${report}`;
    const had = new Set(group.flatMap(({ mailed }) => (mailed.first?.to ?? []).map((each) => JSON.stringify(each))));
    const others = (await deciders(ports)).filter((each) => !had.has(JSON.stringify(each)));
    const to = await addressed(ports, group, 'wide', { event, to: others });
    const scene = await sceneOf(ports, group[0]?.key ?? '');
    const drafts = to.map(
      (each): Draft => ({
        to: each,
        purpose: PURPOSES.wide,
        write: (words) => stillLetter(words, group, scene),
      }),
    );
    await finish(ports, group, await attempt(ports, event, drafts));
  }
};

/** Those whom a mail about the case has reached. */
const whoHad = async (ports: NotifyPorts, { mailed }: Case): Promise<readonly Recipient[]> => {
  const reached = await Promise.all(
    (['first', 'wide'] as const).flatMap((which) =>
      (mailed[which]?.to ?? []).map(async (to) =>
        (await isSent(ports, { to, purpose: PURPOSES[which], event: mailed[which]?.event ?? '' })) ? [to] : [],
      ),
    ),
  );
  return reached.flat();
};

const mailClosing = async (ports: NotifyPorts, cases: readonly Case[], event: string): Promise<void> => {
  const scene = await sceneOf(ports, cases[0]?.key ?? '');
  const byRecipient = new Map<string, { readonly to: Recipient; readonly had: KeyCase[] }>();
  for (const each of cases)
    for (const to of await whoHad(ports, each)) {
      const entry = byRecipient.get(JSON.stringify(to)) ?? { to, had: [] };
      entry.had.push(each);
      byRecipient.set(JSON.stringify(to), entry);
    }
  const drafts = [...byRecipient.values()].map(
    ({ to, had }): Draft => ({
      to,
      purpose: 'drift-closed',
      write: (words) => closedLetter(words, had, scene),
    }),
  );
  const left = await attempt(ports, event, drafts);
  if (left) for (const { key, drift } of cases) await ports.sideStore.remove(MAILED, mailedId(key, drift.since));
  await finish(ports, cases, left);
};

/** To each who had a mail about the case, one for all that one report or approval closed. */
export const mailClosed = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  const cases = await casesOf(ports, dues);
  const closed = await nowDue(ports, cases, {
    from: ({ closedAt }) => closedAt ?? '',
    isReason: ({ drift, mailed }) => drift.until !== null && (mailed.first !== null || mailed.wide !== null),
  });
  const byCause = Map.groupBy(closed, ({ key, due: { about } }) => `${vendorOf(key)}/${about.at}/${about.sequence}`);
  for (const [cause, group] of byCause) await mailClosing(ports, group, `drift-closed/${cause}`);
};
