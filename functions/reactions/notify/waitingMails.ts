// Storage format: refused mails, in the side store: since when, why, and when each is tried again.

import * as z from 'zod';
import { Instant, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { isUnexpired } from '../../platform/age.ts';
import type { Finding, HealthCheck } from '../../platform/health.ts';
import type { NotSent } from '../../platform/mail/port.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';

/** Side kind; consumers have theirs under other ids. */
const TROUBLE = 'trouble';
const PREFIX = 'mail:';
/** The id of all mail. */
export const ALL = '';

/** The pause between attempts, doubling each time (RFC 5321, section 4.5.4.1): a greylisting server accepts a mail after some minutes. */
const PAUSE_MS = 60_000;
const PAUSE_MS_MAX = 30 * 60_000;
/** A mail that was not retried for this long after it could be is no longer wanted. */
const FORGOTTEN_MS = 20 * 60_000;
const NAMED_MAX = 5;
/** After this time a refused mail is a fault: a greylisting server would have accepted it. */
const LATE_MS = 15 * 60_000;

/** `to`: a holder, IT or a vendor. `nextMs`: by the clock. */
const Waiting = strictObject(() => ({
  since: Instant,
  to: z.string(),
  why: z.string(),
  nextMs: z.number(),
  pauseMs: z.number(),
}));
export type Waiting = z.infer<typeof Waiting>;

interface WaitingPorts {
  readonly sideStore: SideStore;
  readonly clock: () => string;
}

/** Returns the refused mails by Message-ID. */
export const waitingMails = async ({ sideStore }: Pick<WaitingPorts, 'sideStore'>): Promise<ReadonlyMap<string, Waiting>> =>
  new Map(
    (await sideStore.list(TROUBLE, PREFIX)).flatMap(({ id, value }) => {
      const { data } = Waiting.safeParse(value);
      return data === undefined ? [] : [[id.slice(PREFIX.length), data] as const];
    }),
  );

export const isLate = ({ clock }: Pick<WaitingPorts, 'clock'>, { since }: Waiting): boolean =>
  Date.parse(clock()) - Date.parse(since) >= LATE_MS;

/** Reports whether it is too early to retry a mail. */
export const isTooEarly = ({ clock }: Pick<WaitingPorts, 'clock'>, waiting: Waiting | undefined): boolean =>
  waiting !== undefined && isUnexpired(waiting.nextMs, Date.parse(clock()), PAUSE_MS_MAX);

const put = ({ sideStore, clock }: WaitingPorts, id: string, waiting: Omit<Waiting, 'nextMs'>): Promise<void> =>
  sideStore.put(TROUBLE, `${PREFIX}${id}`, { ...waiting, nextMs: Date.parse(clock()) + waiting.pauseMs });

/** Records a refused mail. `known`: the earlier record. */
export const noteWaiting = (
  ports: WaitingPorts,
  id: string,
  known: Waiting | undefined,
  why: Pick<Waiting, 'to' | 'why'>,
): Promise<void> => {
  const pauseMs = known === undefined ? PAUSE_MS : Math.min(known.pauseMs * 2, PAUSE_MS_MAX);
  return put(ports, id, { since: known?.since ?? ports.clock(), ...why, pauseMs });
};

/** Records, at most once a minute, that no mail can be sent. */
export const noteOutage = async (ports: WaitingPorts, { why }: NotSent): Promise<void> => {
  const known = (await waitingMails(ports)).get(ALL);
  if (isTooEarly(ports, known) && known?.why === why) return;
  await put(ports, ALL, { since: known?.since ?? ports.clock(), to: '', why, pauseMs: PAUSE_MS });
};

/** Removes records of accepted mails, and of {@link ALL} once the server answered about one. */
export const endWaiting = async (
  { sideStore }: Pick<WaitingPorts, 'sideStore'>,
  waiting: ReadonlyMap<string, Waiting>,
  over: ReadonlySet<string>,
): Promise<void> => {
  const ended = [...over].filter((id) => waiting.has(id));
  await Promise.all(ended.map((id) => sideStore.remove(TROUBLE, `${PREFIX}${id}`)));
};

/** Removes records of mails that are no longer wanted. */
export const forgetWaiting = async (ports: WaitingPorts): Promise<void> => {
  const waiting = await waitingMails(ports);
  const forgotten = [...waiting].flatMap(([id, each]) => (isWanted(ports, each) ? [] : [id]));
  await endWaiting(ports, waiting, new Set(forgotten));
};

const isWanted = ({ clock }: Pick<WaitingPorts, 'clock'>, { nextMs }: Waiting): boolean =>
  Date.parse(clock()) < nextMs + FORGOTTEN_MS;

const findingOf = (why: string, mails: readonly Waiting[]): Finding => {
  const [since] = mails.map((each) => each.since).sort();
  const people = [...new Set(mails.map(({ to }) => to))].filter((to) => to !== '').sort();
  const named = people.slice(0, NAMED_MAX);
  const more = people.length > NAMED_MAX ? ` and ${people.length - NAMED_MAX} more` : '';
  const to = `${named.join(', ')}${more}`;
  const what = mails.length === 1 ? `A mail to ${to} waits` : `${mails.length} mails to ${to} wait`;
  const detail = `${named.length === 0 ? 'No mail leaves' : what}: ${why}.`;
  return { code: 'consumers-stuck', ...(since !== undefined && { since }), detail };
};

/** Finds mails that have waited too long, by cause, and immediately that no mail can be sent. */
export const waitingMailsCheck =
  (ports: WaitingPorts): HealthCheck =>
  async () => {
    const waiting = [...(await waitingMails(ports)).values()].filter(
      (each) => isWanted(ports, each) && (each.to === '' || isLate(ports, each)),
    );
    const groups = Map.groupBy(waiting, ({ to, why }) => `${to === ''} ${why}`);
    return [...groups.values()].map((mails) => findingOf(mails[0]?.why ?? '', mails));
  };
