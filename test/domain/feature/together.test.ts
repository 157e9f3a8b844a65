import { expect, test } from 'vitest';
import type { Sign } from '../../../domain/feature/commands.ts';
import { togetherItem } from '../../../domain/feature/decisionToSign.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { tell } from './story.ts';
import { certify, day, notify, refuse, sign, wordsOf } from './support.ts';

const item = (n: number) => togetherItem({ key: 'acme', n, revision: 1, digest: wordsOf(n), terms: NO_TERMS, comment: null });
const LIST = [item(1), item(2)];
const waiting = () => tell(notify(day(0), 1), notify(day(1), 2), certify(day(10), 1), certify(day(10), 2));
const together = (n: number, over: Partial<Sign> = {}): Sign => sign(day(11), n, { together: LIST, ...over });

test('each of several changes decided at once carries the list, and is decided as it would be alone', () => {
  const story = waiting()
    .goes(together(1), 'SignatureGiven', 'RequirementMet', 'ChangeApproved')
    .goes(together(2, { decision: 'refuse' }), 'SignatureGiven', 'ChangeVetoed');
  const signatures = story.events.filter(({ type }) => type === 'SignatureGiven');
  expect(signatures).toMatchObject([
    { change: 1, together: LIST },
    { change: 2, together: LIST },
  ]);
  expect(
    waiting()
      .then(sign(day(11), 1))
      .events.at(-3),
  ).not.toHaveProperty('together');
});

test('the same again, alone or together, records nothing', () => {
  waiting()
    .then(together(1))
    .goes(together(1))
    .goes(sign(day(11), 1));
  waiting()
    .then(sign(day(11), 1))
    .goes(together(1));
});

test.each<[string, Partial<Sign>]>([
  ['does not name the change', { together: [item(2)] }],
  ['names it twice', { together: [item(1), item(1)] }],
  ['names other words', { together: [{ ...item(1), digest: wordsOf(2) }] }],
  ['names other terms', { terms: { ...NO_TERMS, conditions: 'Kept for 21 days.' } }],
  ['names another message', { comment: digestOf('a comment') }],
])('a list that %s is refused', (_, over) => {
  waiting().refuses(together(1, over), 'stale');
});

test('a refusal is taken back by itself', () => {
  const back = { decision: 'take-back', comment: digestOf('a slip') } as const;
  const own = [{ ...item(1), comment: back.comment }];
  waiting()
    .then(refuse(day(11), 1))
    .refuses(sign(day(11, '12:30:00.000'), 1, { ...back, together: own }), 'stale');
});
