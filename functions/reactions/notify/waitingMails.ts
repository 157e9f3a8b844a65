// Storage format: mails that were not taken, in the side store: since when, why, and from when each is tried again.

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

/** Between two attempts, twice as long each time (RFC 5321, section 4.5.4.1): a server that greylists takes a mail after some minutes. */
const PAUSE_MS = 60_000;
const PAUSE_MS_MAX = 30 * 60_000;
/** What was not tried for so long after it could be is not wanted any more. */
const FORGOTTEN_MS = 20 * 60_000;
const NAMED_MAX = 5;
/** From then on a mail that is still not taken is a fault: a server that greylists has taken it before. */
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

/** By Message-ID. */
export const waitingMails = async ({ sideStore }: Pick<WaitingPorts, 'sideStore'>): Promise<ReadonlyMap<string, Waiting>> =>
  new Map(
    (await sideStore.list(TROUBLE, PREFIX)).flatMap(({ id, value }) => {
      const { data } = Waiting.safeParse(value);
      return data === undefined ? [] : [[id.slice(PREFIX.length), data] as const];
    }),
  );

export const isLate = ({ clock }: Pick<WaitingPorts, 'clock'>, { since }: Waiting): boolean =>
  Date.parse(clock()) - Date.parse(since) >= LATE_MS;

/** Whether a mail is not to be tried yet. */
export const isTooEarly = ({ clock }: Pick<WaitingPorts, 'clock'>, waiting: Waiting | undefined): boolean =>
  waiting !== undefined && isUnexpired(waiting.nextMs, Date.parse(clock()), PAUSE_MS_MAX);

const put = ({ sideStore, clock }: WaitingPorts, id: string, waiting: Omit<Waiting, 'nextMs'>): Promise<void> =>
  sideStore.put(TROUBLE, `${PREFIX}${id}`, { ...waiting, nextMs: Date.parse(clock()) + waiting.pauseMs });

/** Notes that a mail was not taken. `known`: what was noted before. */
export const noteWaiting = (
  ports: WaitingPorts,
  id: string,
  known: Waiting | undefined,
  why: Pick<Waiting, 'to' | 'why'>,
): Promise<void> => {
  const pauseMs = known === undefined ? PAUSE_MS : Math.min(known.pauseMs * 2, PAUSE_MS_MAX);
  return put(ports, id, { since: known?.since ?? ports.clock(), ...why, pauseMs });
};

/** Notes that no mail leaves, once a minute. */
export const noteOutage = async (ports: WaitingPorts, { why }: NotSent): Promise<void> => {
  const known = (await waitingMails(ports)).get(ALL);
  if (isTooEarly(ports, known) && known?.why === why) return;
  await put(ports, ALL, { since: known?.since ?? ports.clock(), to: '', why, pauseMs: PAUSE_MS });
};

/** Ends what waits: mails that were taken, and {@link ALL} once the server answered about one. */
export const endWaiting = async (
  { sideStore }: Pick<WaitingPorts, 'sideStore'>,
  waiting: ReadonlyMap<string, Waiting>,
  over: ReadonlySet<string>,
): Promise<void> => {
  const ended = [...over].filter((id) => waiting.has(id));
  await Promise.all(ended.map((id) => sideStore.remove(TROUBLE, `${PREFIX}${id}`)));
};

/** Removes what is left of mails that are not wanted any more. */
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

/** Finds mails that have waited for long, by what keeps them, and at once that none leaves. */
export const waitingMailsCheck =
  (ports: WaitingPorts): HealthCheck =>
  async () => {
    const waiting = [...(await waitingMails(ports)).values()].filter(
      (each) => isWanted(ports, each) && (each.to === '' || isLate(ports, each)),
    );
    const groups = Map.groupBy(waiting, ({ to, why }) => `${to === ''} ${why}`);
    return [...groups.values()].map((mails) => findingOf(mails[0]?.why ?? '', mails));
  };
