import { expect, test } from 'vitest';
import { type AwaitingChange, awaitedActs } from '../../../domain/feature/awaited.ts';
import { thirteenSeats, withAdvice } from '../../support/fixtures/city.ts';

const rulesOf = (policy: typeof thirteenSeats) => policy.rules.at(-1)?.require ?? [];

const waiting = (over: Partial<AwaitingChange>, statuses: Readonly<Record<string, string>>) =>
  awaitedActs({
    status: 'pending',
    veto: null,
    confirmation: null,
    rules: rulesOf(thirteenSeats),
    statusOf: (id) => statuses[id],
    ...over,
  }).map(({ requirement, asks }) => `${asks} ${requirement}`);

test('an open requirement is awaited, one that waits for another or is met is not', () => {
  expect(waiting({}, { council: 'open' })).toStrictEqual(['decide council']);
  expect(waiting({}, { council: 'met', mayor: 'open' })).toStrictEqual(['decide mayor']);
});

test('under a veto only the overriding body is awaited, and advice is still heard', () => {
  const vetoed = { status: 'vetoed', veto: { requirement: 'mayor' } } as const;
  expect(waiting(vetoed, { council: 'met', mayor: 'refused' })).toStrictEqual(['override council']);
  const heard = waiting(
    { ...vetoed, rules: rulesOf(withAdvice) },
    { council: 'met', mayor: 'refused', advice: 'open', board: 'open' },
  );
  expect(heard).toContain('decide advice');
  expect(heard).not.toContain('decide board');
});

test('a certificate waits for its confirmation, and once it is disputed for the clerk again', () => {
  const vetoed = { status: 'vetoed', veto: { requirement: 'mayor' } } as const;
  const statuses = { council: 'met', mayor: 'refused' };
  const confirmation = { requirement: 'council', disputed: false };
  expect(waiting({ ...vetoed, confirmation }, statuses)).toStrictEqual(['confirm council']);
  expect(waiting({ ...vetoed, confirmation: { ...confirmation, disputed: true } }, statuses)).toStrictEqual(['override council']);
  expect(waiting({ confirmation }, { council: 'open' })).toStrictEqual(['confirm council']);
});

test('a closed change waits for no act', () => {
  expect(waiting({ status: 'refused' }, { council: 'open' })).toStrictEqual([]);
});
