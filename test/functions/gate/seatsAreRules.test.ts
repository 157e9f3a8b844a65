import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { addressOf, directoryHolders } from '../../../functions/gate/directory.ts';
import { orderFeature } from '../../../functions/gate/feature.ts';
import { cutOffLinksOf, setRoster } from '../../../functions/gate/rosters.ts';
import { readRules } from '../../../functions/gate/rules.ts';
import { runConsumers } from '../../../functions/platform/feed/consumers.ts';
import { replayDeadLetters } from '../../../functions/platform/feed/deadLetters.ts';
import { adoptPolicy, policyAdopter } from '../../../functions/reactions/adoption/policies.ts';
import { runClock } from '../../../functions/reactions/clock/runClock.ts';
import { catchUp } from '../../../functions/register/project.ts';
import { council, mayor, policy, roster, rule, signature, term } from '../../support/fixtures/city.ts';
import { failing, type Gate, openGate, rosterFile } from '../openGate.ts';

const SALT = new Uint8Array(32);

const grown = (bodies: Roster['bodies'], ...more: Roster['holders']): Roster => {
  const base = roster();
  return { bodies: { ...base.bodies, ...bodies }, holders: [...base.holders, ...more] };
};
const overseer = grown({ overseer: { name: 'Overseer', seats: ['overseer'] } }, term('overseer', 'overseer', { id: 'oona' }));
const overseen: Policy = { ...policy(rule([council(), mayor(), signature('overseer')])), version: 'overseen' };

const refused = (outcome: { readonly ok: boolean }) => ('rejection' in outcome ? outcome.rejection : outcome);

const put = async ({ ports }: Gate, rules: Policy, next?: Roster) => {
  const file = next === undefined ? undefined : { roster: rosterFile(next), salt: SALT };
  return adoptPolicy(ports, rules, file);
};

const waiting = async (gate: Gate, rules: Policy, next: Roster) => {
  const outcome = await put(gate, rules, next);
  if (!outcome.ok || outcome.status !== 'waiting') throw new Error(JSON.stringify(outcome));
  return outcome.waits;
};
/** A gate that can put an approved policy in force, with a vote on one more body that was won. */
const overseenGate = async (next = overseer, options: Parameters<typeof openGate>[0] = {}) => {
  const gate = await openGate(options);
  await gate.decide(await waiting(gate, overseen, next));
  return { ...gate, consumers: adopting(gate) };
};
const adopting = ({ ports }: Gate) => runConsumers(ports, [policyAdopter(ports)]);

/** Until what cannot be handled is parked. */
const giveUp = async (gate: Gate, consumers: ReturnType<typeof adopting>) => {
  for (let round = 0; round < 6; round += 1) {
    await consumers.sweep();
    gate.later(60_000);
  }
};

const stored = async ({ store }: Gate) => (await store.head('roster'))?.version;

test('one official cannot add a seat under a policy and fill it; names, labels and the order of seats are no rules', async () => {
  const before = await openGate({ rules: null });
  expect(await setRoster(before.ports, rosterFile(overseer), SALT)).toMatchObject({ ok: true, waits: true });
  const gate = await openGate();
  const other = grown({ council: { ...overseer.bodies['council'], attestedBy: 'auditor' } } as Roster['bodies']);
  for (const [next, reason] of [
    [grown({ mayor: { name: 'Mayor', seats: ['mayor', 'second-mayor'] } }), 'mayor/second-mayor is a new seat'],
    [overseer, 'overseer is a new body'],
    [other, 'council is certified by auditor instead of clerk'],
  ] as const)
    expect(refused(await setRoster(gate.ports, rosterFile(next), SALT))).toMatchObject({
      code: 'seats-are-rules',
      detail: expect.stringMatching(new RegExp(`${reason}.*policy adopt FILE --roster FILE`, 's')),
    });
  expect(await stored(gate)).toBe(1);
  const { council: known } = roster().bodies;
  const seats = known?.seats.toReversed() ?? [];
  const renamed = grown({
    council: { name: 'The Council', seats, seatLabels: { 'district-1': 'Downtown' }, attestedBy: 'clerk' },
  });
  expect(await setRoster(gate.ports, rosterFile(renamed), SALT)).toMatchObject({ ok: true, waits: true });
});

test('the addresses that come with a policy stay while a vote on it may pass, also a second one, and no longer', async () => {
  const gate = await openGate();
  const consumers = adopting(gate);
  const kept = async () => {
    await catchUp(gate.ports, 'aldergate.policy');
    await runClock(gate.ports, gate.ports.clock());
    await consumers.sweep();
    return (await gate.sideStore.list('directory-proposed')).length;
  };
  for (const [refused, lapsed] of [
    ['2026-04-15', '2026-06-15'],
    ['2026-07-20', '2026-09-20'],
  ]) {
    const { change, digest } = await waiting(gate, overseen, overseer);
    await gate.certify(change, digest);
    await gate.sign(change, digest, { decision: 'refuse' });
    // The same policy once more: another notice, of a gate with another address.
    await waiting({ ...gate, ports: { ...gate.ports, url: `https://${refused}.example` } }, overseen, overseer);
    gate.at(`${refused}T12:00:00.000Z`);
    expect(await kept()).toBe(1);
    gate.at(`${lapsed}T12:00:00.000Z`);
    expect(await kept()).toBe(0);
  }
});

test('a vote on the policy adds a seat and puts the person named in it, once, and nothing else', async () => {
  const { consumers, ...gate } = await overseenGate();
  await consumers.sweep();
  await consumers.sweep();
  const { policy: rules, roster: officials } = await readRules(gate.ports);
  expect(rules).toMatchObject({ number: 2, bodies: { overseer: { seats: ['overseer'] } } });
  expect(officials).toMatchObject({ number: 2, roster: overseer });
  expect(await stored(gate)).toBe(2);
  expect(await addressOf(gate.ports, 'oona')).toMatchObject({ ok: true, address: { email: 'oona@city.example' } });
  const { digest } = await gate.approve();
  const sign = { type: 'sign', requirement: 'overseer', holder: 'oona', decision: 'approve' } as const;
  const request = { ...sign, change: 1, revision: 1, digest, terms: NO_TERMS, comment: null };
  const signed = await orderFeature(gate.ports, { key: 'acme', commandId: 'oona', actor: 'holder:oona', request });
  expect(signed).toMatchObject({ ok: true, state: { changes: [{ status: 'approved' }] } });
});

test('the same files, sent again once they are in force, are put to no other vote', async () => {
  const { consumers, ...gate } = await overseenGate();
  await consumers.sweep();
  await consumers.sweep();
  for (const next of [overseer, undefined])
    expect(await put(gate, overseen, next)).toMatchObject({ ok: true, status: 'in-force', number: 2 });
  const reordered = { ...overseer, holders: overseer.holders.toReversed() };
  for (const next of [overseer, reordered])
    expect(await setRoster(gate.ports, rosterFile(next), SALT)).toMatchObject({ ok: true, waits: false });
});

test('between the policy and the roster that follows, its seats count, and the new ones are vacant', async () => {
  let crash = false;
  const killed = (method: string, [records]: readonly unknown[]) =>
    crash && method === 'append' && (records as { stream: string }[])[0]?.stream === 'roster' ? new Error('killed') : undefined;
  const { auditor: _, ...bodies } = overseer.bodies;
  const next = { bodies, holders: overseer.holders.filter(({ body }) => body !== 'auditor') };
  const { consumers, ...gate } = await overseenGate(next, { storeOf: (store) => failing(store, killed) });
  const later = await waiting(gate, { ...overseen, version: 'later' }, next);
  crash = true;
  await consumers.sweep();
  await consumers.sweep();
  const between = (await readRules(gate.ports)).roster;
  expect(await stored(gate)).toBe(1);
  expect(Object.keys(between?.roster.bodies ?? {})).toStrictEqual(Object.keys(bodies).sort());
  expect(between?.roster.holders.map(({ id }) => id)).not.toContain('auditor');
  expect(between?.roster.holders.map(({ id }) => id)).not.toContain('oona');
  const by = { holder: 'auditor', body: 'auditor', seat: 'auditor' };
  const cutOff = await cutOffLinksOf(gate.ports, { holder: 'mayor', by, reissued: false });
  expect(refused(cutOff)).toMatchObject({ code: 'not-in-office' });
  // The address of who is new waits for that roster, though another approval has replaced the one that named them.
  await gate.decide(later);
  await consumers.sweep();
  crash = false;
  gate.later(60_000);
  await consumers.sweep();
  expect((await readRules(gate.ports)).roster).toMatchObject({ number: 2, roster: next });
  expect(await directoryHolders(gate.sideStore)).toContain('oona');
  expect(await directoryHolders(gate.sideStore)).not.toContain('auditor');
});

test('a first policy is refused under which one person could lock the city', async () => {
  const gate = await openGate({ rules: null });
  const rules = policy(rule([signature('mayor'), signature('auditor')]));
  expect(refused(await put(gate, rules))).toMatchObject({
    code: 'too-few-confirmers',
    detail: expect.stringContaining('a deputy clerk'),
  });
  expect((await readRules(gate.ports)).policy).toBeNull();
});

test('of two votes that add the same seat the later one adopts nothing', async () => {
  const gate = await openGate();
  const consumers = adopting(gate);
  const puppets = {
    ...overseer,
    holders: overseer.holders.map((each) => (each.id === 'oona' ? { ...each, id: 'puppet' } : each)),
  };
  const [first, second, third] = [
    await waiting(gate, overseen, overseer),
    await waiting(gate, { ...overseen, version: 'later' }, puppets),
    await waiting(gate, { ...overseen, version: 'last' }, overseer),
  ];
  await gate.decide(first);
  await consumers.sweep();
  await gate.decide(second);
  await giveUp(gate, consumers);
  const { policy: rules, roster: officials } = await readRules(gate.ports);
  expect(rules).toMatchObject({ number: 2, policy: { version: 'overseen' } });
  expect(officials?.roster.holders.map(({ id }) => id)).not.toContain('puppet');
  const kept = async () => (await gate.sideStore.list('directory-proposed')).flatMap(({ value }) => Object.keys(value as object));
  expect(await kept()).toEqual(['puppet', 'oona']);
  await gate.decide(third);
  await giveUp(gate, consumers);
  expect(await kept()).toEqual(['oona']);
});

test('the bodies that approved something do not all go, since no one could switch it off', async () => {
  const gate = await openGate();
  await gate.approve();
  const rules = policy(rule([council({ id: 'board', body: 'board', quorum: 2 }), signature('auditor')]));
  const without = (...gone: readonly string[]): Roster => {
    const { bodies, holders } = roster();
    const kept = Object.entries(bodies).filter(([id]) => !gone.includes(id));
    return { bodies: Object.fromEntries(kept), holders: holders.filter(({ body }) => !gone.includes(body)) };
  };
  expect(refused(await put(gate, rules, without('council', 'mayor')))).toMatchObject({
    code: 'policy-refused',
    detail: expect.stringContaining('No one could switch off acme/1') as string,
  });
  expect(await put(gate, rules, without('council'))).toMatchObject({ status: 'waiting' });
  await gate.revoke('acme/1');
  const change = await waiting(gate, rules, without('council', 'mayor'));
  const between = await gate.approve();
  await gate.decide(change);
  const consumers = adopting(gate);
  await giveUp(gate, consumers);
  expect((await readRules(gate.ports)).policy?.number).toBe(1);
  await gate.revoke(between.change);
  expect(await replayDeadLetters(gate.ports, policyAdopter(gate.ports))).toEqual({ handled: 1, failed: [] });
  expect((await readRules(gate.ports)).policy?.number).toBe(2);
});
