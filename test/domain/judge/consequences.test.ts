import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { type ChangeCase, type FeatureCase, newFeature, type RequirementCase, withOpened } from '../../../domain/judge/case.ts';
import { endAll, satisfied } from '../../../domain/judge/consequences.ts';
import type { Requirement } from '../../../domain/policy/schema.ts';
import { ballots, council, signature } from '../../support/fixtures/city.ts';
import { day } from '../feature/support.ts';

// Two persons act for every approval. A judge accepts no policy that one could walk, so a log of forgeries cannot show this by itself.

type Acts = Readonly<Record<string, Partial<RequirementCase>>>;

/** Reports whether an approval follows once the last requirement is satisfied, where these acts were done. */
const approves = (require: readonly Requirement[], acts: Acts) => {
  const at = day(1);
  const opens = require.map(({ id }) => ({ requirement: id, deadlineAt: null, overrideUntil: null }));
  const known = [...withOpened(new Map(), opens)].map(([id, each]) => [id, { ...each, ...acts[id] }] as const);
  const pinned = { require, term: null, from: at };
  const change = { number: 1, revision: 1, notice: { endsAt: null }, pinned, requirements: new Map(known), veto: null };
  const last = require.at(-1)?.id ?? '';
  const moment = { at, zone: 'UTC' };
  const { owed } = satisfied(newFeature('acme'), change as unknown as ChangeCase, last, NO_TERMS, moment);
  return owed.map(({ type }) => type).join() === 'RequirementMet,ChangeApproved';
};

const cast = (...seats: readonly string[]) => ({
  council: { ballots: new Map(seats.map((seat) => [seat, 'approve'] as const)) },
});
const clerk = { clerks: ['clerk'] };
const met = { ...clerk, status: 'met' as const };
const signed = { mayor: { voters: ['mayor'] } };

test.each<[string, readonly Requirement[], Acts, boolean]>([
  ['one ballot', [ballots()], cast('district-1'), false],
  ['one clerk', [council()], { council: clerk }, false],
  ['one clerk of two votes', [council(), council({ id: 'again' })], { council: met, again: clerk }, false],
  ['one signature', [signature('mayor')], signed, false],
  [
    'two persons in one of two bodies',
    [signature('mayor'), council()],
    { council: { ...clerk, confirmers: ['at-large-a'] } },
    false,
  ],
  ['two ballots', [ballots()], cast('district-1', 'district-2'), true],
  ['a clerk and who confirmed the certificate', [council()], { council: { ...clerk, confirmers: ['at-large-a'] } }, true],
  ['a clerk and a signature', [council(), signature('mayor')], { council: met, ...signed }, true],
])('%s, whatever the rule asks for', (_, require, acts, expected) => expect(approves(require, acts)).toBe(expected));

test('one that had yet to begin is the last approval once it ends, but not where others replace it', () => {
  const changes = new Map([[1, { number: 1, status: 'approved' }]]);
  const waits = { ...newFeature('acme'), waiting: 1, changes } as unknown as FeatureCase;
  expect(endAll(waits, [1], 'revoked')).toMatchObject({ waiting: null, standing: 1 });
  expect(endAll(waits, [1], 'replaced')).toMatchObject({ waiting: null, standing: null });
});
