import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { type PolicyCommand, PolicyState, policyDecider, policyDigest } from '../../../domain/policy/decide.ts';
import { type Adopter, PolicyEvent } from '../../../domain/policy/events.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { ruledBodies } from '../../../domain/roster/bodies.ts';
import type { Roster, RosterFile } from '../../../domain/roster/schema.ts';
import { council } from '../../support/fixtures/city.ts';
import { given as givenIn } from '../../support/given.ts';
import { cityRoster, cityRosterFile } from '../roster/cityRoster.ts';
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
const digest = (what: Policy) => policyDigest({ policy: what, bodies });
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
  'operator' in by
    ? adoptFirst(what)
    : { type: 'adoptPolicy', ...against, roster: inForce(roster), sha256: digest(what), proposal: { policy: what, bodies }, by };
const unproposed = { type: 'adoptPolicy', ...against, sha256: digest(second), proposal: undefined, by: change(1) } as const;
const propose = (what: unknown): PolicyCommand => ({ type: 'proposePolicy', ...against, policy: what as JsonValue });
/** On the evening of the mayor's last day in the city, which is the next day in UTC. */
const onLastEvening = (command: PolicyCommand): PolicyCommand => {
  const holders = cityRoster().holders.map((each) => (each.body === 'mayor' ? { ...each, to: '2026-04-06' } : each));
  return { ...command, at: '2026-04-07T03:00:00.000Z', zone: 'America/Denver', roster: inForce({ ...cityRoster(), holders }) };
};

const rules = Array.from({ length: 25 }, (_, index) => rule({ id: `rule-${index}`, when: { key: ['flock.**'] } }));

type Past = readonly PolicyEvent[];
const both = [adopted(first), proposed(second)];
const five = [adopted(first), ...['a', 'b', 'c', 'd', 'e'].map((name) => proposed(version(name)))];
const back = [...both, adopted(second, 2, change(1)), proposed(first), adopted(first, 3, change(2)), proposed(second)];

const newSeats = { bodies: {}, holders: [], contacts: {} };
const seated: Past = [{ ...adopted(first), sha256: policyDigest({ policy: first, bodies, newSeats }), newSeats }];

const { holders: everyone, ...rest } = cityRoster();
const mayorless = { ...rest, holders: everyone.filter(({ body }) => body !== 'mayor') };

describe('a policy', () => {
  test.each<[string, Past, PolicyCommand, Past]>([
    ['the first is the operator’s', [], adopt(first), [adopted(first, 1, operator, tuesday)]],
    ['the first again is nothing', [adopted(first)], adopt(first), []],
    ['an approved change adopts what was proposed', both, adopt(second, change(1)), [adopted(second, 2, change(1), tuesday)]],
    ['the late repeat of a change brings no old one back', back, adopt(second, change(1)), []],
    ['is proposed beside the one in force', [adopted(first)], propose(second), [proposed(second, tuesday)]],
    ['is proposed once', both, propose(second), []],
    [
      'is proposed while enough are in office',
      [adopted(first)],
      onLastEvening(propose(second)),
      [proposed(second, '2026-04-07T03:00:00.000Z')],
    ],
    ['in force is not proposed', [adopted(first)], propose(first), []],
    [
      'in force is not refused once too few are in office',
      [adopted(first)],
      { ...propose(first), roster: inForce(mayorless) },
      [],
    ],
    ['the oldest of five can be proposed again', five, propose(version('a')), [proposed(version('a'), tuesday)]],
    ['the oldest of five is adopted', five, adopt(version('a'), change(1)), [adopted(version('a'), 2, change(1), tuesday)]],
  ])('%s', (_, past, command, [event, ...rest]) => {
    const when = given(...past).when(command);
    if (event === undefined) when.thenNothing();
    else when.then(event, ...rest);
  });

  const ownersOnly = policy(rule({ require: [council()] }));
  type Code = Parameters<ReturnType<ReturnType<typeof given>['when']>['thenRejected']>[0];
  test.each<[string, Past, PolicyCommand, Code, string?]>([
    ['another, which needs an approved change', [adopted(first)], adopt(second), 'needs-approval'],
    ['another, which needs one also when it was proposed', both, adopt(second), 'needs-approval'],
    ['by a change, what was not proposed', [adopted(first)], unproposed, 'needs-approval'],
    ['by a change, another than was proposed', both, { ...unproposed, proposal: { policy: first, bodies } }, 'needs-approval'],
    ['by a change, before there is one it could be approved under', [], adopt(second, change(1)), 'no-policy'],
    ['a proposal before the first', [], propose(second), 'no-policy'],
    ['without a roster', [], { ...adoptFirst(first), roster: null }, 'no-roster'],
    ['one that must be, with the first place that is wrong', [], adopt(ownersOnly), 'policy-refused', '/rules/0/require'],
    ['one that must be, as a proposal', [adopted(first)], propose({ ...second, rules: [] }), 'policy-refused', '/rules'],
    [
      'that in force, whose seats came otherwise, where too few are in office',
      seated,
      adopt(first, change(1), mayorless),
      'too-few-confirmers',
    ],
    ['where too few are in office on the day', both, adopt(second, change(1), mayorless), 'too-few-confirmers'],
  ])('is refused: %s', (_, past, command, code, pointer) =>
    given(...past)
      .when(command)
      .thenRejected(code, pointer),
  );

  test('of the largest some fit the state', () => {
    const pad = (name: string): Policy => ({ ...policy(...rules, rule()), version: name });
    const state = ['b', 'c', 'd', 'e']
      .map((name) => proposed(pad(name)))
      .reduce(policyDecider.evolve, policyDecider.evolve(policyDecider.initialState, adopted(pad('a'))));
    expect(state.proposals.length).toBeGreaterThan(0);
    expect(state.proposals.at(-1)?.policy.version).toBe('e');
    expect(JSON.stringify(state).length).toBeLessThan(32 * 1024);
  });
});

describe('a policy with a roster file', () => {
  const salt = new Uint8Array(32);
  const sent = (change: (roster: RosterFile) => RosterFile): PolicyCommand => ({
    type: 'proposePolicy',
    ...against,
    policy: second as JsonValue,
    file: { roster: change(cityRosterFile()) as unknown as JsonValue, salt },
  });
  const board = cityRosterFile().bodies.board ?? { name: 'Privacy Board', seats: [] };
  const fourth: RosterFile['holders'][number] = {
    id: 'new',
    name: 'New',
    body: 'board',
    seat: 'board-4',
    from: '2026-05-01',
    language: 'en',
    email: 'new@city.example',
  };
  const withSeat = (roster: RosterFile): RosterFile => ({
    bodies: { ...roster.bodies, board: { ...board, seats: [...board.seats, 'board-4'] } },
    holders: [...roster.holders, fourth],
  });

  test('proposes its new seats and who holds them, by no address', () => {
    const { email: _, ...holder } = fourth;
    const decided = policyDecider.decide(sent(withSeat), policyDecider.evolve(policyDecider.initialState, adopted(first)));
    expect(decided).toMatchObject({
      events: [{ newSeats: { bodies: { board: { name: 'Privacy Board', seats: ['board-4'] } }, holders: [holder] } }],
    });
    expect(JSON.stringify(decided)).not.toContain('@');
    given(adopted(first))
      .when(sent((roster) => roster))
      .then(proposed(second, tuesday));
  });

  test('before the first policy is in force adds no seat', () =>
    given()
      .when({ ...sent(withSeat), type: 'adoptFirstPolicy' } as PolicyCommand)
      .thenRejected('roster-differs'));

  test('that changes another term is refused, and one that is no roster', () => {
    given(adopted(first))
      .when(sent((roster) => ({ ...roster, holders: roster.holders.slice(1) })))
      .thenRejected('roster-differs');
    given(adopted(first))
      .when(sent((roster) => ({ ...roster, bodies: {} })))
      .thenRejected('roster-refused');
  });

  test('seats nobody who could be taken for one whose seat it ends', () => {
    const holders = cityRoster().holders.map((each) => (each.seat === 'board-3' ? { ...each, id: 'member-18832' } : each));
    const next = sent((roster) => ({
      bodies: { ...roster.bodies, board: { ...board, seats: ['board-1', 'board-2', 'board-4'] } },
      holders: [...roster.holders.filter(({ seat }) => seat !== 'board-3'), { ...fourth, id: 'member-40498' }],
    }));
    given(adopted(first))
      .when({ ...next, roster: inForce({ ...cityRoster(), holders }) })
      .thenRejected('policy-refused');
  });

  test('is not adopted once other seats came into force, nor without a roster', () => {
    const newSeats = { bodies: { board: { name: 'Privacy Board', seats: ['board-3'] } }, holders: [], contacts: {} };
    const sha256 = policyDigest({ policy: second, bodies, newSeats });
    const state = [adopted(first), proposed(first), { ...proposed(second), sha256, newSeats }].reduce(
      policyDecider.evolve,
      policyDecider.initialState,
    );
    const proposal = { policy: second, bodies, newSeats };
    const command = { type: 'adoptPolicy', ...against, sha256, proposal, by: change(1) } as const;
    expect(policyDecider.decide(command, state)).toMatchObject({ rejection: { code: 'policy-refused' } });
    expect(policyDecider.decide({ ...command, roster: null }, state)).toMatchObject({ rejection: { code: 'no-roster' } });
  });

  test('must leave a roster that is sound, and be short enough for the state', () => {
    const decided = (roster: Roster) =>
      policyDecider.decide({ ...adoptFirst(policy(...rules, rule())), roster: inForce(roster) }, policyDecider.initialState);
    const { bodies: named, holders } = cityRoster();
    const large = (seats: number): Roster => ({
      bodies: { ...named, board: { ...board, seats: Array.from({ length: seats }, (_, index) => `seat-${index}`) } },
      holders: holders.filter(({ body }) => body !== 'board'),
    });
    expect(decided(large(200))).toMatchObject({ ok: true });
    expect(decided(large(700))).toMatchObject({
      rejection: { detail: expect.stringContaining('is longer than 14000') as string },
    });
    const twice = holders.map((holder) => ({ ...holder, seat: holder.body === 'council' ? 'district-1' : holder.seat }));
    expect(decided({ bodies: named, holders: twice })).toMatchObject({
      rejection: { detail: expect.stringContaining('The roster that would follow: /holders/1/from') as string },
    });
  });
});

test('what is adopted is proposed no more, and what is proposed again is the newest', () => {
  const after = (...events: readonly PolicyEvent[]) =>
    events.reduce(policyDecider.evolve, policyDecider.initialState).proposals.map((each) => each.policy.version);
  const past = [adopted(first), proposed(second), proposed(version('third'))];
  expect(after(...past, adopted(second, 2, change(1)))).toStrictEqual(['third']);
  expect(after(...past, proposed(second))).toStrictEqual(['third', 'second']);
});

test('the digest does not hang on the order of fields', () => {
  const { name, ...rest } = first;
  expect(digest({ ...rest, name })).toBe(digest(first));
});
