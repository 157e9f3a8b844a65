import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { object } from '../../domain/kernel/zodTypes.ts';
import { LOG_STREAM } from '../../domain/log/events.ts';
import { isLoggedBefore } from '../log/health.ts';
import { eventBridgeBus } from '../platform/bus/eventBridgeBus.ts';
import { consume } from '../platform/feed/consume.ts';
import { RELEASED_AT_ONCE } from '../platform/feed/consumer.ts';
import { type Finding, report } from '../platform/health.ts';
import { underLease } from '../platform/lease.ts';
import { derivedRelay, driftLines } from '../reactions/relay/relay.ts';
import { BEHIND_MS, DERIVED_CONSUMER, derivedFollower } from '../register/derived/follow.ts';
import { followDerived, followedCheck, replayFollowed } from '../register/derived/followers.ts';
import { type BusEvent, type Chore, mergeChores } from './runtime/consumers.ts';
import { BOUNDED, BusName, readEnvironment, Tables } from './runtime/environment.ts';
import { invoked } from './runtime/invocation.ts';
import { feedPorts, NO_REGISTER } from './runtime/ports.ts';
import { whenOpen } from './runtime/stage.ts';

const env = readEnvironment(object(() => ({ ...Tables.shape, ...BusName.shape })));
const ports = await feedPorts(env, NO_REGISTER);
const follower = derivedFollower(ports);
const consumers = [driftLines(ports.logger), derivedRelay(eventBridgeBus(new EventBridgeClient(BOUNDED), env.ALDERGATE_BUS))];

const followLog = () => consume({ ...ports, isReleased: RELEASED_AT_ONCE }, follower.consumer, LOG_STREAM);

/** Folds first what is in the log, then what time alone changes. */
const fold = async (): Promise<readonly Finding[]> => {
  if ((await followLog()) === 'waiting') return [{ code: 'consumers-stuck', detail: 'What follows from the log is not known.' }];
  const now = ports.clock();
  if (!(await follower.isDue(now))) return [];
  if (!(await isLoggedBefore(ports, new Date(Date.parse(now) - BEHIND_MS).toISOString()))) return [];
  // Commits that entered meanwhile come first.
  await followLog();
  await follower.tick(now);
  return [];
};

const run = async (): Promise<void> => {
  const waiting = await fold();
  for (const { name, handle } of consumers) await followDerived(ports, name, handle);
  const found = await Promise.all(consumers.map(({ name }) => followedCheck(ports, name)()));
  await report(ports, DERIVED_CONSUMER, [...waiting, ...found.flat()]);
};

const replay = async () => {
  const replayed = await Promise.all(consumers.map((consumer) => replayFollowed(ports, consumer)));
  return mergeChores(
    replayed.map(({ handled, failed }) => ({ handled, failed: failed.map(({ consumer, entry }) => `${consumer} ${entry}`) })),
  );
};

/** Folds what follows from the log and publishes it. Invoked by a bus rule and a schedule. Of two concurrent runs one does nothing. */
export const handler = invoked(
  whenOpen(ports, async () => async (event: Chore | BusEvent) => {
    if ('task' in event && event.task === 'replay') return replay();
    await underLease(ports, DERIVED_CONSUMER, run);
    return undefined;
  }),
);
