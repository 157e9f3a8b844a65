import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FeatureEvent } from '../../domain/feature/events.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import { Notice } from '../../domain/feature/notice.ts';
import type { Policy } from '../../domain/policy/schema.ts';
import { featureAggregate } from '../../functions/gate/aggregates.ts';
import { type FeatureRequest, orderFeature } from '../../functions/gate/feature.ts';
import { intake } from '../../functions/gate/intake.ts';
import { NO_NOTICE_LIMITS } from '../../functions/gate/noticeLimits.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { setRoster } from '../../functions/gate/rosters.ts';
import { directReads } from '../../functions/gate/rules.ts';
import { eventsOf } from '../../functions/platform/store/load.ts';
import { StreamQueue } from '../../functions/platform/store/queue.ts';
import { openSqliteSideStore } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { openSqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { adoptPolicy } from '../../functions/reactions/adoption/policies.ts';
import { roster } from '../support/fixtures/city.ts';
import { signedByAcme } from '../support/fixtures/vendor.ts';
import { testGuard, testMacs } from '../support/macs.ts';

const NOON = '2026-03-02T12:00:00.000Z';

/** Two gates on one file, as two processes would be: each has its own queue, so that only the conditional append decides. */
export const openTwoGates = async (policy: Policy): Promise<readonly [GatePorts, GatePorts]> => {
  const folder = mkdtempSync(join(tmpdir(), 'simulation-'));
  const path = join(folder, 'commits.db');
  const sideStore = openSqliteSideStore(join(folder, 'side.db'), testGuard);
  const gates = [openSqliteStore(path, testMacs), openSqliteStore(path, testMacs)].map((store): GatePorts => {
    return {
      store,
      sideStore,
      ...directReads(store),
      countNotice: NO_NOTICE_LIMITS,
      end: async () => undefined,
      clock: () => NOON,
      newId: randomUUID,
      queue: new StreamQueue(),
      zone: 'UTC',
      city: { name: 'City', contact: undefined },
      url: 'https://gate.example',
    };
  });
  onTestFinished(async () => {
    for (const { store } of gates) await store.close();
    await sideStore.close();
    rmSync(folder, { recursive: true });
  });
  const [one, other] = gates;
  if (one === undefined || other === undefined) throw new Error('no gates');
  const city = roster();
  const officials = { ...city, holders: city.holders.map((holder) => ({ ...holder, email: `${holder.id}@city.example` })) };
  const began = [await setRoster(one, officials, new Uint8Array(32)), await adoptPolicy(one, policy)];
  if (!began.every(({ ok }) => ok)) throw new Error(`the rules were refused: ${JSON.stringify(began)}`);
  return [one, other];
};

/** A vendor's notice on its way in; `words` make its body what it is. */
export const send = (ports: GatePorts, id: string, words: { feature: string; title?: string; revises?: number }) => {
  const notice = Notice.parse({
    kind: 'new-feature',
    title: 'A new way to search',
    summary: 'In plain words.',
    optOut: 'yes',
    ...words,
  });
  const body = new TextEncoder().encode(JSON.stringify(notice));
  return intake(ports, {
    vendor: 'acme',
    deliveryId: id,
    actor: 'vendor:acme',
    body,
    notice,
    provenance: signedByAcme(id.replaceAll(' ', '-'), ports.clock(), body),
    attachments: [],
    counted: null,
  });
};

/** A command on a feature; the builders of specifications bring a context of their own, which the gate's replaces. */
export const order = async (
  ports: GatePorts,
  key: string,
  { at: _at, zone: _zone, roster: _roster, policy: _policy, ...request }: FeatureRequest & Record<string, unknown>,
) => {
  const done = await orderFeature(ports, { key, commandId: randomUUID(), actor: 'test', request });
  return done.ok ? 'done' : done.rejection.code;
};

/** Everything that happened to a feature. */
export const eventsOfFeature = async ({ store }: GatePorts, key: string): Promise<readonly FeatureEvent[]> =>
  (await store.history(featureStream(key), { limit: 1000 })).flatMap((record) => eventsOf(featureAggregate, record));
