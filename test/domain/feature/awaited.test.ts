import { describe, expect, test } from 'vitest';
import { actOpens, awaitedActs, missingDocuments } from '../../../domain/feature/awaited.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { council, mayor } from '../../support/fixtures/city.ts';
import { day } from './support.ts';

const advice = { id: 'advice', body: 'board', instrument: 'advice' } as const;
const rules = [council(), mayor(), advice];
const veto = { requirement: 'mayor', at: day(11), until: day(41) };

const awaited = (open: readonly string[], change: Partial<Parameters<typeof awaitedActs>[0]> = {}) => {
  const statusOf = (id: string) => (open.includes(id) ? 'open' : undefined);
  const acts = awaitedActs({ status: 'pending', veto: null, confirmation: null, rules, statusOf, ...change });
  return acts.map(({ requirement, asks }) => `${asks} ${requirement}`);
};

describe('a change waits', () => {
  test('for what is open, in the order of its rules', () =>
    expect(awaited(['advice', 'mayor'])).toStrictEqual(['decide mayor', 'decide advice']));
  test('for nothing once it is closed', () => expect(awaited(['council'], { status: 'approved' })).toStrictEqual([]));
  test('for the second vote and for advice under a veto', () =>
    expect(awaited(['mayor', 'advice'], { status: 'vetoed', veto })).toStrictEqual(['override council', 'decide advice']));
  test('for the second person, or once disputed for the clerk', () => {
    const confirmation = { requirement: 'council', disputed: false };
    expect(awaited(['council'], { confirmation })).toStrictEqual(['confirm council']);
    expect(awaited(['council'], { confirmation: { ...confirmation, disputed: true } })).toStrictEqual(['decide council']);
    expect(awaited([], { status: 'vetoed', veto, confirmation })).toStrictEqual(['confirm council']);
  });
  test.each([false, true])('for no other vote while a certificate waits for its confirmation (disputed: %s)', (disputed) => {
    const two = [...rules, { ...council(), id: 'second' }];
    const confirmation = { requirement: 'council', disputed };
    const open = ['council', 'second', 'mayor', 'advice'];
    expect(awaited(open, { rules: two, confirmation })).toStrictEqual([
      disputed ? 'decide council' : 'confirm council',
      'decide mayor',
      'decide advice',
    ]);
  });
});

test('documents that the rule asks for and nobody attached', () => {
  const view = (missing: readonly string[] | null, ...kinds: readonly string[]) =>
    ({ pinned: missing && { missing }, documents: kinds.map((kind) => ({ kind })) }) as unknown as ChangeView;
  expect(missingDocuments(view(['report', 'policy'], 'other', 'report'))).toStrictEqual(['policy']);
  expect(missingDocuments(view(null))).toStrictEqual([]);
});

test('before the notice is over advice counts, a vote from the first minute of its last day, a signature from the instant', () => {
  const from = '2026-03-09T12:00:00.000Z';
  const at = (now: string) =>
    rules.map((each) => actOpens(rules, { from, since: day(0), requirements: {}, veto: null }, each, { now, zone: 'UTC' }));
  expect(at('2026-03-08T23:59:59.999Z')).toEqual([{ day: '2026-03-09' }, { instant: from }, undefined]);
  expect(at('2026-03-09T00:00:00.000Z')).toEqual([undefined, { instant: from }, undefined]);
  expect(at(from)).toEqual([undefined, undefined, undefined]);
});
