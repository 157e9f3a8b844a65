import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { type ChangeCase, newFeature, opened, type RequirementCase } from '../../../domain/judge/case.ts';
import { satisfied } from '../../../domain/judge/consequences.ts';
import type { Requirement } from '../../../domain/policy/schema.ts';
import { ballots, council, signature } from '../../support/fixtures/city.ts';
import { day } from '../feature/support.ts';

// Two persons act for every approval. A judge accepts no policy that one could walk, so a log of forgeries cannot show this by itself.

const at = day(1);

/** What follows once the last requirement is satisfied, where these acts were done. */
const following = (require: readonly Requirement[], acts: Readonly<Record<string, Partial<RequirementCase>>>) => {
  const requirements = new Map(
    [
      ...opened(
        new Map(),
        require.map(({ id }) => ({ requirement: id, deadlineAt: null, overrideUntil: null })),
      ),
    ].map(([id, known]) => [id, { ...known, ...acts[id] }] as const),
  );
  const change = { number: 1, revision: 1, notice: { endsAt: null }, pinned: { require, term: null, from: at }, requirements };
  const events = satisfied(
    newFeature('acme'),
    change as unknown as ChangeCase,
    require.at(-1)?.id ?? '',
    'RequirementMet',
    NO_TERMS,
    {
      at,
      zone: 'UTC',
    },
  );
  return events.map(({ type }) => type);
};

const NOT_YET = ['RequirementMet'];
const APPROVED = ['RequirementMet', 'ChangeApproved'];

test.each([
  ['one ballot', [ballots()], { council: { ballots: new Map([['district-1', 'approve']]) } }],
  ['one clerk', [council()], { council: { clerks: ['clerk'] } }],
  [
    'one clerk of two votes',
    [council(), council({ id: 'again' })],
    { council: { clerks: ['clerk'], status: 'met' }, again: { clerks: ['clerk'] } },
  ],
  ['one signature', [signature('mayor')], { mayor: { voters: ['mayor'] } }],
] as const)('%s approves nothing, whatever the rule asks for', (_, require, acts) => {
  expect(following(require, acts as Readonly<Record<string, Partial<RequirementCase>>>)).toEqual(NOT_YET);
});

test.each([
  [
    'two ballots',
    [ballots()],
    {
      council: {
        ballots: new Map([
          ['district-1', 'approve'],
          ['district-2', 'approve'],
        ]),
      },
    },
  ],
  ['a clerk and who confirmed the certificate', [council()], { council: { clerks: ['clerk'], confirmers: ['at-large-a'] } }],
  [
    'a clerk and a signature',
    [council(), signature('mayor')],
    { council: { clerks: ['clerk'], status: 'met' }, mayor: { voters: ['mayor'] } },
  ],
] as const)('%s are two persons', (_, require, acts) => {
  expect(following(require, acts as unknown as Readonly<Record<string, Partial<RequirementCase>>>)).toEqual(APPROVED);
});

test('two persons in one of two bodies approve nothing before the other', () => {
  const acts = { council: { confirmers: ['at-large-a'], clerks: ['clerk'] } };
  expect(following([signature('mayor'), council()], acts)).toEqual(NOT_YET);
});
