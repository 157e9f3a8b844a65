import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { type PolicyCommand, PolicyState, policyDecider, policyDigest } from '../../../domain/policy/decide.ts';
import { type Adopter, PolicyEvent } from '../../../domain/policy/events.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { ruledBodies } from '../../../domain/roster/bodies.ts';
import { council } from '../../support/fixtures/city.ts';
import { given as givenIn } from '../../support/given.ts';
import { cityRoster } from '../roster/cityRoster.ts';
import { policy, rule } from './policyParts.ts';

const subject = { decider: policyDecider, parseEvent: PolicyEvent.parse, parseState: PolicyState.parse };
const given = (...past: readonly PolicyEvent[]) => givenIn(subject, ...past);

const monday = '2026-04-06T09:00:00.000Z';
const tuesday = '2026-04-07T09:00:00.000Z';

const version = (name: string): Policy => ({ ...policy(), version: name });
const first = version('first');
const second = version('second');

const operator = { operator: true } as const;
const change = (number: number) => ({ change: `aldergate.policy/${number}`, revision: 1 });

const bodies = ruledBodies(cityRoster());
const digest = (what: Policy): string => policyDigest({ policy: what, bodies });
const adopted = (what: Policy, number = 1, by: Adopter = operator, at = monday): PolicyEvent => ({
  type: 'PolicyAdopted',
  v: 1,
  at,
  number,
  sha256: digest(what),
  policy: what,
  bodies,
  by,
});
const proposed = (what: Policy, at = monday): PolicyEvent => ({
  type: 'PolicyProposed',
  v: 1,
  at,
  sha256: digest(what),
  policy: what,
  bodies,
});

const inForce = (roster = cityRoster()) => ({ roster, contacts: {} });
const against = { at: tuesday, zone: 'UTC', roster: inForce() };
const adoptFirst = (what: unknown): PolicyCommand => ({ type: 'adoptFirstPolicy', ...against, policy: what as JsonValue });
const adopt = (what: Policy, by: typeof operator | ReturnType<typeof change> = operator, roster = cityRoster()): PolicyCommand =>
  'operator' in by ? adoptFirst(what) : { type: 'adoptPolicy', ...against, roster: inForce(roster), sha256: digest(what), by };
const propose = (what: unknown): PolicyCommand => ({ type: 'proposePolicy', ...against, policy: what as JsonValue });

describe('adopting a policy', () => {
  test('the first is the operator’s', () =>
    given()
      .when(adopt(first))
      .then(adopted(first, 1, operator, tuesday)));
  test('the same again is nothing', () => given(adopted(first)).when(adopt(first)).thenNothing());
  test('another needs an approved change', () => given(adopted(first)).when(adopt(second)).thenRejected('needs-approval'));
  test('even when it was proposed', () =>
    given(adopted(first), proposed(second)).when(adopt(second)).thenRejected('needs-approval'));
  test('an approved change adopts what was proposed', () =>
    given(adopted(first), proposed(second))
      .when(adopt(second, change(1)))
      .then(adopted(second, 2, change(1), tuesday)));
  test('a change adopts nothing that was not proposed', () =>
    given(adopted(first))
      .when(adopt(second, change(1)))
      .thenRejected('needs-approval'));
  test('a change adopts nothing before there is a policy it could be approved under', () =>
    given()
      .when(adopt(second, change(1)))
      .thenRejected('no-policy'));
  test('a change adopts once: its late repeat cannot bring an old policy back', () =>
    given(
      adopted(first),
      proposed(second),
      adopted(second, 2, change(1)),
      proposed(first),
      adopted(first, 3, change(2)),
      proposed(second),
    )
      .when(adopt(second, change(1)))
      .thenNothing());
  test('without a roster nothing can be judged', () =>
    given()
      .when({ ...adoptFirst(first), roster: null })
      .thenRejected('no-roster'));
  test('a policy that must be refused is, with the first place that is wrong', () =>
    given()
      .when(adopt(policy(rule({ require: [council()] }))))
      .thenRejected('policy-refused', '/rules/0/require'));
  test('it is judged by the persons in office on the day', () => {
    const { holders, ...rest } = cityRoster();
    given(adopted(first), proposed(second))
      .when(adopt(second, change(1), { ...rest, holders: holders.filter(({ body }) => body !== 'mayor') }))
      .thenRejected('too-few-confirmers');
  });
});

describe('proposing a policy', () => {
  test('keeps it beside the one in force', () => given(adopted(first)).when(propose(second)).then(proposed(second, tuesday)));
  test('twice is nothing', () => given(adopted(first), proposed(second)).when(propose(second)).thenNothing());
  test('the one in force is nothing', () => given(adopted(first)).when(propose(first)).thenNothing());
  test('before the first is refused', () => given().when(propose(second)).thenRejected('no-policy'));
  test('what must be refused is', () =>
    given(adopted(first))
      .when(propose({ ...second, rules: [] }))
      .thenRejected('policy-refused', '/rules'));

  test('the oldest of five makes way and can be proposed again', () => {
    const five = ['a', 'b', 'c', 'd', 'e'].map((name) => proposed(version(name)));
    given(adopted(first), ...five)
      .when(adopt(version('a'), change(1)))
      .thenRejected('needs-approval');
    given(adopted(first), ...five)
      .when(propose(version('a')))
      .then(proposed(version('a'), tuesday));
    given(adopted(first), ...five)
      .when(adopt(version('b'), change(1)))
      .then(adopted(version('b'), 2, change(1), tuesday));
  });

  test('the largest policies fit the state', () => {
    const pad = (name: string): Policy => {
      const rules = Array.from({ length: 25 }, (_, index) => rule({ id: `rule-${index}`, when: { key: ['flock.**'] } }));
      return { ...policy(...rules, rule()), version: name };
    };
    const state = ['b', 'c', 'd', 'e']
      .map((name) => proposed(pad(name)))
      .reduce(policyDecider.evolve, policyDecider.evolve(policyDecider.initialState, adopted(pad('a'))));
    expect(state.proposals.length).toBeGreaterThan(0);
    expect(state.proposals.at(-1)?.policy.version).toBe('e');
    expect(JSON.stringify(state).length).toBeLessThan(32 * 1024);
  });
});

test('the digest does not hang on the order of fields', () => {
  const { name, ...rest } = first;
  expect(digest({ ...rest, name })).toBe(digest(first));
});
