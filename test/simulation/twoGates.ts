import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { FeatureEvent } from '../../domain/feature/events.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import { Notice } from '../../domain/feature/notice.ts';
import type { Policy } from '../../domain/policy/schema.ts';
import { vendorStream } from '../../domain/vendors/events.ts';
import { featureAggregate, vendorAggregate } from '../../functions/gate/aggregates.ts';
import { type FeatureRequest, orderFeature } from '../../functions/gate/feature.ts';
import { intake } from '../../functions/gate/intake.ts';
import { NO_NOTICE_LIMITS } from '../../functions/gate/noticeLimits.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { setRoster } from '../../functions/gate/rosters.ts';
import { directReads, recordTimeZone } from '../../functions/gate/rules.ts';
import { eventsOf } from '../../functions/platform/store/load.ts';
import { openSqliteSideStore } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { openSqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { StreamQueue, submit } from '../../functions/platform/store/submit.ts';
import { adoptPolicy } from '../../functions/reactions/adoption/policies.ts';
import { roster } from '../support/fixtures/city.ts';
import { ACME_KEY, signedByAcme } from '../support/fixtures/vendor.ts';
import { loggedBytes, objections } from '../support/judged.ts';
import { testGuard, testMacs } from '../support/macs.ts';

const NOON = '2026-03-02T12:00:00.000Z';

/**
 * Two gates on one file, as two processes would be: each has its own queue, so that only the conditional append decides. Once a test is
 * over, the judge is given every commit and must object to none.
 */
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
      clock: () => NOON,
      newId: randomUUID,
      queue: new StreamQueue(),
      zone: 'UTC',
      city: { name: 'City', contact: undefined },
      url: 'https://gate.example',
    };
  });
  const [one, other] = gates;
  if (one === undefined || other === undefined) throw new Error('no gates');
  onTestFinished(async () => {
    expect(objections(await loggedBytes(one.store)), 'what the judge objects to').toEqual([]);
    for (const { store } of gates) await store.close();
    await sideStore.close();
    rmSync(folder, { recursive: true });
  });
  const city = roster();
  const officials = { ...city, holders: city.holders.map((holder) => ({ ...holder, email: `${holder.id}@city.example` })) };
  await recordTimeZone(one);
  const began = [await setRoster(one, officials, new Uint8Array(32)), await adoptPolicy(one, policy), await addAcme(one)];
  if (!began.every(({ ok }) => ok)) throw new Error(`the rules were refused: ${JSON.stringify(began)}`);
  return [one, other];
};

const addAcme = (ports: GatePorts) =>
  submit(ports, vendorAggregate, {
    stream: vendorStream('acme'),
    commandId: 'vendor/acme',
    actor: 'operator',
    command: (at) => ({ type: 'addVendor', at, vendor: 'acme', name: 'Acme', key: ACME_KEY }) as const,
  });

/** A vendor's notice on its way in; `words` make its body what it is. */
export const send = (ports: GatePorts, name: string, words: { feature: string; title?: string; revises?: number }) => {
  const id = name.replaceAll(' ', '-');
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
    provenance: signedByAcme(id, ports.clock(), body),
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
  const actor = 'holder' in request ? `holder:${request.holder}` : 'clock';
  const done = await orderFeature(ports, { key, commandId: randomUUID(), actor, request });
  return done.ok ? 'done' : done.rejection.code;
};

/** Everything that happened to a feature. */
export const eventsOfFeature = async ({ store }: GatePorts, key: string): Promise<readonly FeatureEvent[]> =>
  (await store.history(featureStream(key), { limit: 1000 })).flatMap((record) => eventsOf(featureAggregate, record));
