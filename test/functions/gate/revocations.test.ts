import { expect, test } from 'vitest';
import { featureStream } from '../../../domain/feature/keys.ts';
import type { Requirement } from '../../../domain/policy/schema.ts';
import { applyRevocations, findRevocation, readRevocations, recordRevocation } from '../../../functions/gate/feature.ts';
import { evaluateKey } from '../../../functions/gate/heads.ts';
import { CorruptStore } from '../../../functions/platform/store/errors.ts';
import { commitOf } from '../../../functions/platform/store/record.ts';
import { council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { BY_MAYOR, failing, type Gate, NOON, openGate } from '../openGate.ts';

const ADVICE: Requirement = { id: 'advice', body: 'board', instrument: 'advice' };
const advised = policy(rule([council(), mayor(), ADVICE], { notice: 'P0D', window: 'P90D', term: 'P1Y' }));

const record = (gate: Gate, over: Partial<Parameters<typeof recordRevocation>[2]> = {}) => {
  const revocation = { key: 'acme', change: 1, ...BY_MAYOR, ...over };
  return recordRevocation(gate.ports, `record/${revocation.requirement}/${revocation.change}`, revocation);
};

const newest = async (gate: Gate) => {
  const head = await gate.store.head(featureStream('acme'));
  if (head === undefined) return undefined;
  const { version, actor, events } = commitOf(head);
  return { version, actor, types: events.map(({ type }) => type) };
};

test('a recorded revocation enters the stream of its feature once, by the person who recorded it', async () => {
  const gate = await openGate({ rules: advised });
  await gate.approve();
  const before = (await newest(gate)) ?? expect.fail('no commit');
  expect(await record(gate)).toMatchObject({ ok: true });
  expect(Object.keys(await readRevocations(gate.store))).toEqual(['acme/1/mayor']);
  expect(await newest(gate)).toEqual(before);
  await applyRevocations(gate.ports);
  const after = { version: before.version + 1, actor: 'holder:mayor', types: ['ApprovalRevoked'] };
  expect(await newest(gate)).toEqual(after);
  await applyRevocations(gate.ports);
  expect(await newest(gate)).toEqual(after);
});

test.each([
  ['who does not hold the seat', { holder: 'clerk' }],
  ['a body that only advises', { requirement: 'advice', holder: 'board-1', body: 'board', seat: 'board-1' }],
])('%s records none, as long as that can be read', async (_, over) => {
  const gate = await openGate({ rules: advised });
  await gate.approve();
  expect(await record(gate, over)).toMatchObject({ ok: false, rejection: { code: 'may-not-revoke' } });
  expect(await readRevocations(gate.store)).toEqual({});
});

test('what cannot be read prevents nothing: one is recorded for a feature of which nothing is known', async () => {
  const gate = await openGate({ honest: false });
  expect(await record(gate)).toMatchObject({ ok: true });
  await applyRevocations(gate.ports);
  expect(await newest(gate)).toBeUndefined();
});

test('that none was recorded is known also while an older one cannot be read', async () => {
  const gate = await openGate({ rules: advised });
  await gate.approve();
  expect(await record(gate)).toMatchObject({ ok: true });
  expect(await findRevocation(gate.store, 'acme/1/mayor')).toMatchObject({ holder: 'mayor', requirement: 'mayor' });
  const isHistory = (method: string, [stream]: readonly unknown[]) => method === 'history' && stream === 'revocation';
  const store = failing(gate.store, (...call) => isHistory(...call) && new CorruptStore('altered'));
  expect(await findRevocation(store, 'acme/1/council')).toBeUndefined();
  await expect(findRevocation(store, 'acme/1/mayor')).rejects.toThrow('altered');
});

test('an approval that is given after it was recorded is off, now and once it entered the stream', async () => {
  const gate = await openGate({ rules: advised });
  const { change, digest } = await gate.notice();
  await gate.certify(change, digest);
  const byClerk = { requirement: 'council', holder: 'clerk', body: 'clerk', seat: 'clerk', fileNumber: '26-0002' };
  expect(await record(gate, byClerk)).toMatchObject({ ok: true });
  gate.at('2026-03-04T12:00:00.000Z');
  await gate.sign(change, digest);
  expect(await evaluateKey(gate.ports, 'acme', {})).toMatchObject({ enabled: false, fault: true });
  await applyRevocations(gate.ports);
  expect(await evaluateKey(gate.ports, 'acme', {})).toMatchObject({ enabled: false, variant: 'revoked' });
});

test('a past answer knows it from when it was recorded, not only from when it entered the stream', async () => {
  const gate = await openGate({ rules: advised });
  await gate.approve();
  gate.at('2026-03-05T12:00:00.000Z');
  await record(gate);
  gate.at('2026-03-08T12:00:00.000Z');
  await applyRevocations(gate.ports);
  gate.at('2026-03-09T12:00:00.000Z');
  const answerAt = async (instant: string) => (await evaluateKey(gate.ports, 'acme', {}, instant)).variant;
  expect(await answerAt('2026-03-05T11:59:59.999Z')).toBe('enabled');
  expect(await answerAt('2026-03-05T12:00:00.000Z')).toBe('unknown');
  expect(await answerAt('2026-03-08T12:00:00.000Z')).toBe('revoked');
});

test('while neither its feature nor what was recorded can be read the answer is no, now and of the past', async () => {
  const gate = await openGate();
  await gate.approve();
  const unread = [featureStream('acme'), 'revocation'];
  const store = failing(gate.store, (_, [stream]) => unread.includes(String(stream)) && new CorruptStore('altered'));
  for (const instant of [undefined, NOON])
    expect(await evaluateKey({ ...gate.ports, store }, 'acme', {}, instant)).toMatchObject({ enabled: false, fault: true });
});
