import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { type Commit, decodeCommit, encodeCommit, hashOf } from '../../../../domain/kernel/commit.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { LogFault } from '../../../../functions/log/verify/readLog.ts';
import { Replay } from '../../../../functions/log/verify/replay.ts';
import { type SoftwareKey, softwareKey } from '../../../support/authenticator.ts';
import { certificate, decision, ORIGIN } from '../site/support/city.ts';
import { type PasskeyCity, passkeyCity } from './world.ts';

let city: PasskeyCity;
let mayorKey: SoftwareKey;

beforeEach(async () => {
  city = await passkeyCity('required');
  const change = await city.notify();
  const [clerk, mayor] = [await city.link('clerk', 'council', change), await city.link('mayor', 'mayor', change)];
  await city.decide(clerk, certificate(change), await city.enrol(clerk));
  mayorKey = await city.enrol(mayor);
  await city.decide(mayor, decision(change), mayorKey);
});
afterEach(() => city.close());

const commits = async (): Promise<readonly Commit[]> =>
  (await city.ports.store.history('feature/acme', { after: 0 })).map(({ bytes }) => decodeCommit(bytes));

/** What a stranger's replay says of a feature whose commits are chained again after `edit`, as the gate's own operator could. */
const verdict = (all: readonly Commit[], edit: (event: JsonObject) => JsonObject = (event) => event) => {
  const replay = new Replay();
  let prev: string | null = null;
  try {
    for (const [index, commit] of all.entries()) {
      const bytes = encodeCommit({ ...commit, prev, events: commit.events.map(edit) });
      replay.take({ index, bytes });
      prev = hashOf(bytes);
    }
    return replay.passkeys;
  } catch (error) {
    if (error instanceof LogFault) return error.message;
    throw error;
  }
};

/** Changes the assertion of the mayor's signature. */
const altered =
  (change: (assertion: JsonObject, event: JsonObject) => object) =>
  (event: JsonObject): JsonObject =>
    event['type'] === 'SignatureGiven' ? { ...event, ...change(event['assertion'] as JsonObject, event) } : event;

test('every decision is counted, and every signature holds, from the log alone', async () => {
  expect(verdict(await commits())).toEqual({ decisions: 2, signed: 2, keys: 2, gates: [ORIGIN], twice: [] });
});

describe('an operator who writes the log again is found out', () => {
  test.each<[string, (assertion: JsonObject, event: JsonObject) => object]>([
    ['the decision was turned round', () => ({ decision: 'refuse' })],
    ['the terms were changed', () => ({ terms: { ...NO_TERMS, audience: ['Police'] } })],
    ['another person is named', () => ({ holder: 'h1' })],
    ['the message was exchanged', () => ({ comment: `sha256:${'1'.repeat(64)}` })],
    ['another key is named', (assertion) => ({ assertion: { ...assertion, publicKey: softwareKey(ORIGIN).publicKey } })],
    ['another address is named', (assertion) => ({ assertion: { ...assertion, gate: 'https://other.example' } })],
    ['it was used again later', () => ({ at: '2026-03-04T15:00:00.000Z' })],
  ])('%s', async (_, change) => {
    expect(verdict(await commits(), altered(change))).toMatch(
      /entry 2: .*the passkey under SignatureGiven of .* does not prove it/,
    );
  });

  test('the signature was taken out', async () => {
    const told = verdict(await commits(), (event) => (event['type'] === 'SignatureGiven' ? unsigned(event) : event));
    expect(told).toMatch(/entry 2: .*has no passkey, and its policy requires one/);
  });

  test('the roll call was changed', async () => {
    const turned = (event: JsonObject): JsonObject =>
      event['type'] === 'VoteCertified'
        ? {
            ...event,
            roll: (event['roll'] as JsonObject[]).map((each, index) => (index === 3 ? { ...each, vote: 'absent' } : each)),
          }
        : event;
    expect(verdict(await commits(), turned)).toMatch(/entry 1: .*VoteCertified of hc does not prove it: other-decision/);
  });

  test('one id, two keys', async () => {
    const [notified, certified, signed] = await commits();
    const clerkOwn = certified?.events[0] as { assertion: { credential: string } };
    const renamed = altered((assertion) => ({ assertion: { ...assertion, credential: clerkOwn.assertion.credential } }));
    expect(verdict([notified, certified, signed] as readonly Commit[], renamed)).toMatch(/was another's before/);
  });
});

const unsigned = ({ assertion: _assertion, ...event }: JsonObject): JsonObject => event;
