import { describe, expect, test } from 'vitest';
import {
  firstVote,
  globMatches,
  globProblem,
  matchRule,
  mustUsePasskey,
  overrideEnd,
  stricter,
} from '../../../domain/policy/rules.ts';
import { IMPACTS, type Impact, type ImpactValue, type Override } from '../../../domain/policy/schema.ts';
import { policy, rule } from './policyParts.ts';

describe('globs', () => {
  test.each([
    ['flock', 'flock', true],
    ['flock', 'flock.lpr', false],
    ['flock.*', 'flock.lpr', true],
    ['flock.*', 'flock', false],
    ['flock.**', 'flock', true],
    ['flock.**', 'flock.lpr', true],
    ['flock.*.**', 'flock', false],
    ['flock.*.**', 'flock.lpr', true],
    ['**', 'flock', true],
    ['**.search', 'flock.lpr.search', true],
    ['**.search', 'flock.lpr', false],
    ['flock.**.search', 'flock.search', true],
    ['flock.**.search', 'flock.a.b.search', true],
    ['*.lpr', 'axon.lpr', true],
  ])('%s matches %s: %s', (glob, key, matched) => expect(globMatches(glob, key)).toBe(matched));

  test.each(['flock', 'flock.**', '*.lpr', '**', 'a.b.c.d.e', 'a.b.c.d.e.**'])('%s is sound', (glob) =>
    expect(globProblem(glob)).toBeUndefined(),
  );

  test.each([
    ['fl*ck', 'dotted segments'],
    ['flock.', 'dotted segments'],
    ['.flock', 'dotted segments'],
    ['Flock', 'dotted segments'],
    ['flock.***', 'dotted segments'],
    ['flock lpr', 'dotted segments'],
    ['a.b.c.d.e.f', 'can match no key'],
    ['**.a.**.b.**', 'more than twice'],
  ])('%s is not: %s', (glob, reason) => expect(globProblem(glob)).toContain(reason));
});

const impact = (changed: Partial<Record<Impact, ImpactValue>> = {}): Record<Impact, ImpactValue> =>
  ({ ...Object.fromEntries(IMPACTS.map((name) => [name, 'unchanged'])), ...changed }) as Record<Impact, ImpactValue>;

describe('the rule a change falls under', () => {
  const rules = policy(
    rule({ id: 'contract', when: { kind: ['contract'] } }),
    rule({ id: 'sharing', when: { kind: ['data-sharing', 'update'], key: ['flock.**'], impact: ['sharing', 'retention'] } }),
    rule({ id: 'rest' }),
  );

  test.each([
    ['by its kind', { key: 'axon', kind: 'contract', impact: impact() }, 'contract'],
    ['when all parts match', { key: 'flock.lpr', kind: 'update', impact: impact({ sharing: 'changed' }) }, 'sharing'],
    ['when the impact is not known', { key: 'flock.lpr', kind: 'update', impact: impact({ retention: 'unknown' }) }, 'sharing'],
    ['not when no named impact is touched', { key: 'flock.lpr', kind: 'update', impact: impact({ cost: 'changed' }) }, 'rest'],
    ['not when the key is another', { key: 'axon.lpr', kind: 'update', impact: impact({ sharing: 'changed' }) }, 'rest'],
    ['not when the kind is another', { key: 'flock.lpr', kind: 'terms', impact: impact({ sharing: 'changed' }) }, 'rest'],
  ] as const)('%s', (_, change, id) => expect(matchRule(rules, change).id).toBe(id));

  test('is the first that matches', () => {
    const both = policy(rule({ id: 'first' }), rule({ id: 'second' }));
    expect(matchRule(both, { key: 'flock', kind: 'update', impact: impact() }).id).toBe('first');
  });

  test('exists, or an invariant is broken', () => {
    const partial = policy(rule({ when: { kind: ['contract'] } }));
    expect(() => matchRule(partial, { key: 'flock', kind: 'update', impact: impact() })).toThrow('broken invariant');
  });
});

test('who must use a passkey, and which of two rules asks for more', () => {
  const rules = ['off', 'when-enrolled', 'required'] as const;
  expect(rules.map((each) => mustUsePasskey(each, false))).toStrictEqual([false, false, true]);
  expect(rules.map((each) => mustUsePasskey(each, true))).toStrictEqual([false, true, true]);
  for (const [index, one] of rules.entries())
    expect(rules.map((other) => stricter(one, other))).toStrictEqual(rules.map((_, at) => rules[Math.max(index, at)]));
});

test('the time for a second vote: a duration alone is its end', () => {
  const [veto, zone] = ['2026-04-01T02:00:00.000Z', 'America/Denver'];
  const times = (within: Override['within']) => {
    const override = { requirement: 'council', yes: 9, within };
    return [firstVote(override, veto, zone), overrideEnd(override, veto, zone)];
  };
  expect(times('P30D')).toStrictEqual(['2026-03-31', '2026-05-01T02:00:00.000Z']);
  expect(times({ notBefore: 'P7D', notAfter: 'P21D' })).toStrictEqual(['2026-04-07', '2026-04-22T02:00:00.000Z']);
});
