import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { POLICY_CHANGE } from '../../../../domain/policy/check.ts';
import { PolicyState } from '../../../../domain/policy/decide.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import { deadLetters } from '../../../../functions/platform/feed/deadLetters.ts';
import { adoptPolicy, policyAdopter, repinAll } from '../../../../functions/reactions/adoption/policies.ts';
import { runClock } from '../../../../functions/reactions/clock/runClock.ts';
import { catchUp, readFeature } from '../../../../functions/register/project.ts';
import { permitted } from '../../../support/permitted.ts';
import { atOnce, failing, type Gate, openGate } from '../../openGate.ts';

const NEXT = { ...atOnce, version: '2026-02' };
const KEY = 'aldergate.policy';

const inForce = async ({ store }: Gate) => {
  const head = await store.head('policy');
  return head && PolicyState.parse(JSON.parse(head.state)).inForce;
};

const open = async () => {
  const gate = await openGate();
  const ports = permitted('clock', gate.ports);
  return { gate, consumers: runConsumers(ports, [policyAdopter(ports)]) };
};

const proposed = async (gate: Gate, policy: object = NEXT) => {
  const outcome = await adoptPolicy(gate.ports, policy as never);
  if (!outcome.ok || !('waits' in outcome)) throw new Error(`not waiting: ${JSON.stringify(outcome)}`);
  return outcome.waits;
};

test('an approved change of the policy brings the proposed policy into force, once', async () => {
  const { gate, consumers } = await open();
  const change = await proposed(gate);
  await consumers.sweep();
  expect(await inForce(gate)).toMatchObject({ number: 1 });
  await gate.decide(change);
  await consumers.sweep();
  await consumers.sweep();
  expect(await inForce(gate)).toMatchObject({ number: 2, policy: { version: '2026-02' } });
  expect((await gate.store.history('policy', {})).length).toBe(3);
  expect((await gate.store.head('policy'))?.commandId).toBe(`policy-change/${KEY}/1`);
});

test('a policy is adopted though more were proposed since than the state keeps', async () => {
  const { gate, consumers } = await open();
  const change = await proposed(gate);
  for (const version of ['a', 'b', 'c', 'd']) await proposed(gate, { ...NEXT, version });
  await gate.decide(change);
  await consumers.sweep();
  expect(await inForce(gate)).toMatchObject({ number: 2, policy: { version: '2026-02' } });
});

test('a policy that two open changes name is adopted by the second, too, after another was in force in between', async () => {
  const { gate, consumers } = await open();
  const adopt = async (change: Received) => {
    await gate.decide(change);
    await consumers.sweep();
  };
  const first = await proposed(gate);
  const other = await proposed(gate, { ...NEXT, version: 'other' });
  const moved = await proposed({ ...gate, ports: { ...gate.ports, url: 'https://moved.example' } });
  for (const change of [first, other, moved]) await adopt(change);
  expect(await inForce(gate)).toMatchObject({ number: 4, policy: { version: '2026-02' } });
  expect((await proposed(gate, { ...NEXT, version: 'other' })).change).toBe(`${KEY}/4`);
});

test('a crash after the approval heals, and the repeat adopts nothing twice', async () => {
  let crash = true;
  const gate = await openGate({
    sideStoreOf: (sideStore) =>
      failing(sideStore, (method, [kind]) => crash && method === 'put' && kind === 'mark' && new Error('killed')),
  });
  await gate.decide(await proposed(gate));
  const consumers = runConsumers(gate.ports, [policyAdopter(gate.ports)]);
  await consumers.look(`feature/${KEY}`);
  crash = false;
  gate.later(60_000);
  await consumers.sweep();
  expect(await inForce(gate)).toMatchObject({ number: 2 });
  expect((await gate.store.history('policy', {})).length).toBe(3);
});

test.each(['revoke', 'revokeBeside'] as const)(
  'an approval that was ended before it was carried out adopts nothing: %s',
  async (end) => {
    const { gate, consumers } = await open();
    const change = await proposed(gate);
    await gate.decide(change);
    await gate[end](change.change);
    await consumers.sweep();
    expect(await inForce(gate)).toMatchObject({ number: 1 });
    expect(await deadLetters(gate.sideStore)).toEqual([]);
  },
);

test('a policy that waits is the same change when it is proposed again; once it was refused, another one', async () => {
  const { gate, consumers } = await open();
  const refuse = async ({ change, digest }: Received) => {
    await gate.certify(change, digest);
    await gate.sign(change, digest, { decision: 'refuse' });
    gate.at(new Date(Date.parse(gate.ports.clock()) + 31 * 86_400_000).toISOString());
  };
  for (const n of [1, 2, 3]) {
    const change = await proposed(gate);
    expect([change.change, (await proposed(gate)).change]).toEqual([`${KEY}/${n}`, `${KEY}/${n}`]);
    if (n < 3) await refuse(change);
    else await gate.decide(change);
  }
  expect((await proposed(gate)).change).toBe(`${KEY}/3`);
  await consumers.sweep();
  expect(await inForce(gate)).toMatchObject({ number: 2, policy: { version: '2026-02' } });
});

test('an approval of words that name no proposed policy is parked, and no policy changes', async () => {
  const gate = await openGate({ honest: false });
  const documents = [{ title: 'P', kind: 'policy', url: 'https://city.example/p', sha256: 'a'.repeat(64) }];
  for (const named of [{ documents }, {}]) {
    const { change, digest } = await gate.notice({
      feature: KEY,
      kind: 'terms',
      optOut: 'yes',
      impact: { ...POLICY_CHANGE.impact },
      ...named,
    });
    await gate.decide({ change, digest });
    const consumers = runConsumers(gate.ports, [policyAdopter(gate.ports)]);
    for (let round = 0; round < 6; round += 1) {
      await consumers.sweep();
      gate.later(60_000);
    }
  }
  expect((await deadLetters(gate.sideStore)).map(({ error }) => error)).toEqual([
    expect.stringContaining('not among those proposed'),
    expect.stringContaining('does not name exactly one policy'),
  ]);
  expect(await inForce(gate)).toMatchObject({ number: 1 });
});

test('an approval with a later start adopts the policy once its beginning is on record, not by the clock alone', async () => {
  const { gate, consumers } = await open();
  const { change, digest } = await proposed(gate);
  const terms = { ...NO_TERMS, from: '2026-04-01T00:00:00.000Z' };
  await gate.certify(change, digest, { terms });
  await gate.sign(change, digest, { terms });
  expect((await proposed(gate)).change).toBe(change);
  gate.at('2026-04-01T00:00:00.000Z');
  await consumers.sweep();
  expect(await inForce(gate)).toMatchObject({ number: 1 });
  await catchUp(gate.ports, KEY);
  await runClock(gate.ports, gate.ports.clock());
  await consumers.sweep();
  expect(await inForce(gate)).toMatchObject({ number: 2, policy: { version: '2026-02' } });
});

test('every open change of a feature is bound, also where a commit has no room for all', async () => {
  const { gate, consumers } = await open();
  for (let n = 1; n <= 16; n += 1) {
    const { change, digest } = await gate.notice({ title: `Number ${n}` });
    await gate.certify(change, digest);
  }
  // The mayor's deadlines are over by then, which is recorded first.
  gate.at('2026-03-10T12:00:00.000Z');
  await gate.decide(await proposed(gate));
  await consumers.sweep();
  expect(await repinAll(gate.ports)).toBe(1);
  const { changes = [] } = (await readFeature(gate.ports, 'acme'))?.state ?? {};
  expect(changes.map(({ pin }) => pin?.split('/')[0])).toEqual(Array.from({ length: 16 }, () => '2'));
});

test('thousands of features are bound to the policy in force within a request: some at once', async () => {
  const gate = await openGate();
  for (let n = 1; n <= 45; n += 1) await gate.notice({ feature: `acme.f${n}` });
  let [underWay, most] = [0, 0];
  const head: typeof gate.store.head = async (stream) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await setImmediate();
    underWay -= 1;
    return gate.store.head(stream);
  };
  expect(await repinAll({ ...gate.ports, store: { ...gate.store, head } })).toBe(0);
  expect(most).toBe(20);
});
