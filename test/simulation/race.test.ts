import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { advanceTo } from '../../domain/feature/due.ts';
import { FeatureState } from '../../domain/feature/state.ts';
import { evaluateKey } from '../../functions/gate/heads.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { ballot, certify, revoke, rollOf, sign } from '../domain/feature/support.ts';
import { byBallots, COUNCIL, council, mayor, policy, rule, signature } from '../support/fixtures/city.ts';
import { reasonsAgainst } from '../support/reading.ts';
import { eventsOfFeature, openTwoGates, order, send } from './twoGates.ts';

// Races through two gates on one SQLite file. ALDERGATE_RACE_ROUNDS makes them longer.
const ROUNDS = Number(process.env.ALDERGATE_RACE_ROUNDS ?? 1);
const NOW = '2026-03-02T12:00:00.000Z';

/** Runs many races side by side: each has a feature of its own, and they share the disk's flushes. */
const rounds = async (count: number, round: (index: number) => Promise<void>) => {
  const BESIDE = 20;
  for (let from = 0; from < count; from += BESIDE) {
    await Promise.all(Array.from({ length: Math.min(BESIDE, count - from) }, (_, index) => round(from + index)));
  }
};

const received = async (gate: GatePorts, feature: string) => {
  const taken = await send(gate, `notice-of-${feature}`, { feature });
  if (!taken.ok) throw new Error(taken.rejection.code);
  return taken.received;
};

const stateOf = async ({ store }: GatePorts, key: string): Promise<FeatureState> => {
  const head = await store.head(`feature/${key}`);
  return FeatureState.parse(JSON.parse(head?.state ?? 'null'));
};

/** The permutation of a list that a number names. */
const permuted = <T>(list: readonly T[], number: number): readonly T[] => {
  const left = [...list];
  let rest = number;
  return list.map(() => {
    const [taken] = left.splice(rest % left.length, 1);
    rest = Math.floor(rest / (left.length + 1));
    if (taken === undefined) throw new Error('nothing is left');
    return taken;
  });
};

test('one delivery that comes fifty times at once is one change, with fifty equal answers', async () => {
  const gates = await openTwoGates(policy(rule([council(), mayor()])));
  for (let round = 0; round < 2 * ROUNDS; round += 1) {
    const feature = `acme.round-${round}`;
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, index) => send(gates[index % 2 === 0 ? 0 : 1], `delivery-${round}`, { feature })),
    );
    const [first] = taken;
    expect(first).toMatchObject({ ok: true, received: { change: `${feature}/1`, revision: 1, status: 'pending' } });
    for (const answer of taken) expect(answer).toStrictEqual(first);
    expect(await eventsOfFeature(gates[0], feature)).toHaveLength(1);
    expect(await gates[1].store.history(`receipt/acme/delivery-${round}`, {})).toHaveLength(1);
  }
});

test('a delivery and its revision that race with repetitions of both are one change of two revisions', async () => {
  const gates = await openTwoGates(policy(rule([council(), mayor()])));
  await rounds(12 * ROUNDS, async (round) => {
    const feature = `acme.round-${round}`;
    const first = (gate: number) => send(gates[gate === 0 ? 0 : 1], `first-${round}`, { feature });
    const second = (gate: number) =>
      send(gates[gate === 0 ? 0 : 1], `second-${round}`, { feature, title: 'Other words', revises: 1 });
    await Promise.all([first(0), first(1), second(0), first(0), second(1), first(1), second(0), first(0)]);
    await second(1);
    const events = await eventsOfFeature(gates[0], feature);
    expect(events.map(({ type, change }) => `${type} ${change}`)).toStrictEqual(['ChangeNotified 1', 'ChangeRevised 1']);
  });
});

test('thirteen ballots and a mayor at the same moment are all counted, once', async () => {
  const gates = await openTwoGates(byBallots);
  await rounds(8 * ROUNDS, async (round) => {
    const feature = `acme.round-${round}`;
    const { digest } = await received(gates[0], feature);
    const acts = [
      ...COUNCIL.map((seat) => (gate: GatePorts) => order(gate, feature, { ...ballot(NOW, 1, seat), digest })),
      (gate: GatePorts) => order(gate, feature, { ...sign(NOW, 1), digest }),
    ];
    const outcomes = await Promise.all(permuted(acts, round * 7919).map((act, index) => act(gates[index % 2 === 0 ? 0 : 1])));
    expect(new Set(outcomes)).toStrictEqual(new Set(['done']));
    const events = await eventsOfFeature(gates[0], feature);
    const cast = events.flatMap((event) => (event.type === 'BallotCast' ? [event.seat] : []));
    expect([...cast].sort()).toStrictEqual([...COUNCIL].sort());
    for (const type of ['SignatureGiven', 'ChangeApproved'])
      expect(events.filter((event) => event.type === type)).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'RequirementMet')).toHaveLength(2);
    expect((await stateOf(gates[1], feature)).changes[0]).toMatchObject({ number: 1, status: 'approved' });
  });
});

/**
 * The outcomes that four acts on one change can have, and no others: what was revised was not approved, what was approved was not
 * revised.
 */
const ALLOWED = ['approved 1', 'revoked 1', 'pending 2'];

test('a certification, a signature, a revision and a revocation at the same moment never enable voided words', async () => {
  const gates = await openTwoGates(policy(rule([council(), signature('mayor')])));
  const contract = await received(gates[0], 'acme');
  await order(gates[0], 'acme', { ...certify(NOW, 1), digest: contract.digest });
  await order(gates[0], 'acme', { ...sign(NOW, 1), digest: contract.digest });
  expect(await evaluateKey(gates[1], 'acme', {})).toMatchObject({ enabled: true });
  const seen = new Map<string, number>();
  await rounds(60 * ROUNDS, async (round) => {
    const feature = `acme.round-${round}`;
    const { digest } = await received(gates[0], feature);
    const vote = (gate: GatePorts) => order(gate, feature, { ...certify(NOW, 1, { votes: rollOf(9, 4) }), digest });
    // In half of the rounds the vote was taken before, so that the last signature approves and the revocation has something to revoke.
    if (round % 2 === 1) expect(await vote(gates[0])).toBe('done');
    const acts = [
      vote,
      (gate: GatePorts) => order(gate, feature, { ...sign(NOW, 1), digest }),
      async (gate: GatePorts) => {
        const revised = await send(gate, `revision-of-${feature}`, { feature, title: 'Other words', revises: 1 });
        return revised.ok ? 'done' : revised.rejection.code;
      },
      (gate: GatePorts) => order(gate, feature, { ...revoke(NOW, 1) }),
    ];
    const outcomes = await Promise.all(
      permuted(acts, round).map(async (act, index) => {
        // At the same moment, but not always in the order in which they read.
        for (let turn = 0; turn < (index * round) % 5; turn += 1) await setImmediate();
        return act(gates[(index + round) % 2 === 0 ? 0 : 1]);
      }),
    );
    for (const outcome of outcomes) expect(['done', 'stale', 'closed', 'already-decided', 'not-in-force']).toContain(outcome);
    const state = advanceTo(await stateOf(gates[0], feature), NOW);
    const change = state.changes[0];
    const outcome = `${change?.status} ${change?.revision}`;
    expect(ALLOWED).toContain(outcome);
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);

    const answer = await evaluateKey(gates[1], feature, {});
    const events = await eventsOfFeature(gates[1], feature);
    expect(answer.enabled).toBe(outcome === 'approved 1');
    if (answer.enabled) {
      expect(answer.digest).toBe(digest);
      expect(reasonsAgainst(events, NOW)).toStrictEqual([]);
    }
    const after = events.slice(events.findIndex(({ type }) => type === 'ChangeRevised') + 1);
    if (outcome === 'pending 2') expect(after.filter((event) => 'digest' in event)).toStrictEqual([]);
  });
  expect([...seen.keys()].sort()).toStrictEqual([...ALLOWED].sort());
});
