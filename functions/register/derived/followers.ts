// Storage format, side kind `derived-follower`: a consumer's position in the queue of derived events.
import * as z from 'zod';
import { Instant, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { isYounger, readClocks } from '../../platform/age.ts';
import { type Consumed, deferRetry, isPaused } from '../../platform/feed/consume.ts';
import type { FeedPorts } from '../../platform/feed/consumer.ts';
import { type ParkedEntry, parkedEntries, type Replayed, replay } from '../../platform/feed/deadLetters.ts';
import type { Finding, HealthCheck } from '../../platform/health.ts';
import type { SideEntry, SideStore } from '../../platform/store/sideStore.ts';
import { DERIVED, QueuedEvent, queuedUpTo } from './records.ts';

const FOLLOWER = 'derived-follower';
/** The side kinds of this file that a consumer needs; on AWS a role may use only the kinds named. */
export const FOLLOWER_KINDS = { reads: [DERIVED.event, DERIVED.mark], writes: [FOLLOWER] } as const;

const PAGE = 50;
/** Interval at which the mark is stored within a page; also stored at its end and when an event fails. */
const MARKED_EVERY_MS = 1_000;
/** Trouble is reported after this time: an event ordinarily takes seconds. */
const STUCK_MS = 30_000;

/** `after`: the id of the last event handled; `trouble`: with the next one, since `since`. */
const Follower = strictObject(() => ({
  after: z.string(),
  trouble: strictObject(() => ({
    id: z.string(),
    tries: z.int().min(1),
    notBeforeMs: z.number(),
    since: Instant,
    error: z.string(),
  })).nullable(),
}));
type Follower = z.infer<typeof Follower>;

type FollowPorts = Pick<FeedPorts, 'sideStore' | 'clock' | 'logger' | 'wallMs'>;

/**
 * Receives every event of the queue, at least once and in order. `name`: part of its mark. `handle` throws {@link Unavailable} if its
 * target cannot be reached, any other error if it cannot handle this event.
 */
export interface DerivedConsumer {
  readonly name: string;
  readonly handle: (entry: QueuedEvent) => Promise<void>;
}

const FROM_THE_BEGINNING: Follower = { after: '', trouble: null };

const readFollower = async (sideStore: SideStore, name: string): Promise<Follower> =>
  Follower.safeParse(await sideStore.get(FOLLOWER, name)).data ?? FROM_THE_BEGINNING;

const putFollower = (sideStore: SideStore, name: string, follower: Follower): Promise<void> =>
  sideStore.put(FOLLOWER, name, follower);

export const followFromNow = async (sideStore: SideStore, name: string): Promise<void> => {
  const upTo = await queuedUpTo(sideStore);
  if (upTo !== undefined) await putFollower(sideStore, name, { after: upTo, trouble: null });
};

/**
 * The events of a unit become visible in any order, so only completed units are read. A mark beyond those belongs to a former
 * queue, so reading starts over.
 */
const pageAfter = async (sideStore: SideStore, mark: string): Promise<readonly SideEntry[]> => {
  const upTo = await queuedUpTo(sideStore);
  if (upTo === undefined) return [];
  const after = mark > upTo ? FROM_THE_BEGINNING.after : mark;
  return (await sideStore.list(DERIVED.event, '', { after, limit: PAGE })).filter(({ id }) => id <= upTo);
};

/** Returns the consumer's new position, and whether to continue at once. */
const afterFailure = async (
  ports: FollowPorts,
  consumer: string,
  { id, follower }: { readonly id: string; readonly follower: Follower },
  error: unknown,
): Promise<[follower: Follower, goOn: boolean]> => {
  const known = follower.trouble?.id === id ? follower.trouble : null;
  const later = await deferRetry(ports, { consumer, queue: DERIVED.event, entry: id }, known, error);
  if (later === undefined) return [{ after: id, trouble: null }, true];
  return [{ ...follower, trouble: { id, since: known?.since ?? ports.clock(), ...later.trouble } }, later.atOnce];
};

/**
 * Runs a consumer over the events above its mark. A crash repeats at most the event in progress and those of the second before it.
 * Retries a failed event after a pause, and parks it after {@link CONSUME_TRIES_MAX} tries. Concurrent runs of one consumer may
 * repeat and reorder events.
 */
export const followDerived = async (ports: FollowPorts, name: string, handle: DerivedConsumer['handle']): Promise<Consumed> => {
  const { sideStore, wallMs } = ports;
  let follower = await readFollower(sideStore, name);
  if (follower.trouble !== null && isPaused(follower.trouble, wallMs())) return 'waiting';
  for (;;) {
    const page = await pageAfter(sideStore, follower.after);
    if (page.length === 0) return 'caught-up';
    let marked = readClocks();
    for (const { id, value } of page) {
      let goOn = true;
      try {
        await handle(QueuedEvent.parse(value));
        follower = { after: id, trouble: null };
      } catch (error) {
        [follower, goOn] = await afterFailure(ports, name, { id, follower }, error);
      }
      if (follower.trouble === null && id !== page.at(-1)?.id && isYounger(marked, MARKED_EVERY_MS)) continue;
      await putFollower(sideStore, name, follower);
      marked = readClocks();
      if (!goOn) return 'waiting';
      if (follower.trouble !== null) break;
    }
  }
};

export const replayFollowed = async (
  { sideStore }: Pick<FollowPorts, 'sideStore'>,
  { name, handle }: DerivedConsumer,
): Promise<Replayed<ParkedEntry>> =>
  replay(sideStore, await parkedEntries(sideStore, name), async ({ entry }) => {
    const value = await sideStore.get(DERIVED.event, entry);
    // A pruned event can no longer be sent.
    if (value !== undefined) await handle(QueuedEvent.parse(value));
  });

export const followedTrouble = async (sideStore: SideStore, name: string) => {
  const { trouble } = await readFollower(sideStore, name);
  return trouble === null ? undefined : { since: trouble.since, why: trouble.error };
};

export const followedCheck =
  ({ sideStore, clock }: Pick<FollowPorts, 'sideStore' | 'clock'>, name: string): HealthCheck =>
  async () => {
    const { trouble } = await readFollower(sideStore, name);
    const isStuck = trouble !== null && Date.parse(clock()) - Date.parse(trouble.since) >= STUCK_MS;
    const stuck: readonly Finding[] = isStuck
      ? [{ code: 'consumers-stuck', since: trouble.since, detail: `${name} has not handled ${trouble.id}.` }]
      : [];
    const parked = (await parkedEntries(sideStore, name)).map(
      ({ entry, at }): Finding => ({ code: 'consumers-stuck', since: at, detail: `${name} gave up on ${entry}.` }),
    );
    return [...stuck, ...parked];
  };
