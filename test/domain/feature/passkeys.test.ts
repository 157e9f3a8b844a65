import { expect, test } from 'vitest';
import { featureDecider } from '../../../domain/feature/decide.ts';
import { byBallots, thirteenSeats } from '../../support/fixtures/city.ts';
import { approved, notified } from './story.ts';
import { ballot, certify, day, revoke, sign } from './support.ts';

const required = { policy: { number: 1, policy: { ...thirteenSeats, passkeys: 'required' as const } } };
const ballots = { policy: { number: 1, policy: { ...byBallots, passkeys: 'required' as const } } };

test.each([
  ['certifies', certify(day(10), 1, required), notified()],
  ['signs', sign(day(10), 1, required), notified()],
  ['ballots', ballot(day(10), 1, 'district-1', ballots), notified(ballots)],
])('under a policy that requires passkeys nobody %s by a link alone', (_, command, { state }) => {
  expect(featureDecider.decide(command, state)).toMatchObject({ ok: false, rejection: { code: 'passkey-required' } });
});

test('off takes one: a revocation waits for no passkey', () => {
  expect(featureDecider.decide(revoke(day(20), 1, required), approved().state)).toMatchObject({ ok: true });
});
