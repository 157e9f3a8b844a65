import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { FeatureEvent } from '../../domain/feature/events.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import type { Policy } from '../../domain/policy/schema.ts';
import { featureAggregate } from '../../functions/gate/aggregates.ts';
import { type FeatureRequest, orderFeature } from '../../functions/gate/feature.ts';
import { intake } from '../../functions/gate/intake.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { directReads } from '../../functions/gate/rules.ts';
import { eventsOf } from '../../functions/platform/store/load.ts';
import { openSqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { StreamQueue } from '../../functions/platform/store/submit.ts';
import { deliver, openGate } from '../functions/openGate.ts';
import { folderOfTest } from '../support/folders.ts';
import { loggedBytes, objections } from '../support/judged.ts';
import { testMacs } from '../support/macs.ts';

/**
 * Two gates on one file, as two processes would be: each has its own queue, so that only the conditional append decides. Once a test is
 * over, the judge is given every commit and must object to none.
 */
export const openTwoGates = async (rules: Policy): Promise<readonly [GatePorts, GatePorts]> => {
  const path = join(folderOfTest('simulation'), 'commits.db');
  const [store, other] = [openSqliteStore(path, testMacs), openSqliteStore(path, testMacs)];
  onTestFinished(async () => {
    expect(objections(await loggedBytes(store)), 'what the judge objects to').toEqual([]);
    await store.close();
    await other.close();
  });
  const { ports } = await openGate({ rules, storeOf: () => store });
  return [ports, { ...ports, store: other, ...directReads(other), queue: new StreamQueue() }];
};

/** A vendor's notice on its way in; `words` make its body what it is. */
export const send = async (ports: GatePorts, id: string, words: Parameters<typeof deliver>[1]) =>
  intake(ports, await deliver(ports, words, id));

/** A command on a feature; the builders of specifications bring a context of their own, which the gate's replaces. */
export const order = async (
  ports: GatePorts,
  key: string,
  { at: _at, zone: _zone, roster: _roster, policy: _policy, ...request }: FeatureRequest & Record<string, unknown>,
) => {
  const actor = 'holder' in request ? `holder:${request.holder}` : 'clock';
  const done = await orderFeature(ports, { key, commandId: randomUUID(), actor, request });
  return done.ok ? 'done' : done.rejection.code;
};

/** Everything that happened to a feature. */
export const eventsOfFeature = async ({ store }: GatePorts, key: string): Promise<readonly FeatureEvent[]> =>
  (await store.history(featureStream(key), { limit: 1000 })).flatMap((record) => eventsOf(featureAggregate, record));
