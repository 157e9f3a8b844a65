import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventOf } from '../../../domain/feature/events.ts';
import { mustCount } from '../../../domain/judge/certify.ts';
import { City } from '../../../domain/judge/city.ts';
import { judgePolicies } from '../../../domain/judge/policy.ts';
import { applies, ballotsOutcome, denominator, votesNeeded } from '../../../domain/judge/rules.ts';
import {
  areSeatsOf,
  atMeeting,
  canBeOneOfTwo,
  following,
  leavesTwo,
  mustAddOnly,
  mustBeSound,
  onlyEnds,
  seatedBy,
  seatedSince,
  sitting,
  wasLastIn,
} from '../../../domain/judge/sitting.ts';
import { Objection } from '../../../domain/judge/verdict.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import { lastMomentOf, localMoment } from '../../../domain/kernel/zone.ts';
import { checkPolicy } from '../../../domain/policy/check.ts';
import { lockoutIn, onlyEndsTerms, policyDecider } from '../../../domain/policy/decide.ts';
import { denominatorOf, judgeBallots, judgeRollCall, needed } from '../../../domain/policy/rollCall.ts';
import { matchRule } from '../../../domain/policy/rules.ts';
import { KINDS, Policy, type Threshold } from '../../../domain/policy/schema.ts';
import { addsOnlyNewSeats, bodyDifferences, rosterFollowing, ruledBodies, underPolicy } from '../../../domain/roster/bodies.ts';
import { rosterProblems } from '../../../domain/roster/check.ts';
import { holdersOf, isInDecidingBody, isLastInDecidingBody } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { roster as city, council, mayor, policy, rule, signature, term } from '../../support/fixtures/city.ts';
import { day, facts } from '../feature/support.ts';
import { REFUSED } from '../policy/refused.ts';

// What gate and judge each work out for themselves, compared over all small cases, or over many drawn ones: ALDERGATE_PROPERTY_RUNS makes
// them more.
const RUNS = Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 300);
/** One of so many draws, of few draws none: how often a case has to be among them at least. */
const oneIn = (draws: number) => Math.floor(RUNS / draws);

const objectsTo = (act: () => void): string | null => {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof Objection) return error.code;
    throw error;
  }
};
const upTo = (max: number): readonly number[] => Array.from({ length: max + 1 }, (_, index) => index);
const drawn = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void): void =>
  fc.assert(fc.property(arbitrary, check), { numRuns: RUNS });

const YES = ['majority', 'two-thirds', 'unanimous', 1, 3] as const;
const thresholds = (...of: readonly Threshold['of'][]): readonly Threshold[] =>
  YES.flatMap((yes) =>
    of.flatMap((whole): Threshold[] => [
      { yes, of: whole },
      { yes, of: whole, recused: 'excluded' },
    ]),
  );
const asking = (threshold: Threshold, quorum: number, seats: number | undefined, instrument: 'ballots' | 'certification') => ({
  ...council({ instrument, threshold, quorum }),
  ...(seats !== undefined && { seats }),
});

test('how many votes are needed', () => {
  for (const threshold of thresholds('seats', 'filled', 'present'))
    for (const seats of upTo(6))
      for (const filled of upTo(seats))
        for (const present of upTo(filled))
          for (const recused of upTo(filled - present)) {
            const count = { seats, filled, present, recused };
            expect(votesNeeded(threshold, count)).toBe(needed(threshold, count));
            expect(denominator(threshold, count)).toBe(denominatorOf(threshold, count));
          }
});

const SEATS = ['a', 'b', 'c'];
const BALLOTS = [null, 'approve', 'refuse', 'abstain'] as const;

test('what ballots decide', () => {
  for (const threshold of thresholds('seats', 'filled'))
    for (const [quorum, pinned] of [[0, undefined] as const, [2, 2] as const, [1, 5] as const])
      for (const filled of [[], ['a'], ['b', 'c'], SEATS, [...SEATS, 'gone']])
        for (const a of BALLOTS)
          for (const b of BALLOTS)
            for (const gone of BALLOTS) {
              const box = Object.entries({ a, b, gone }).flatMap(([seat, decision]) =>
                decision === null ? [] : [{ seat, decision }],
              );
              const requirement = asking(threshold, quorum, pinned, 'ballots');
              const cast = new Map(box.map(({ seat, decision }) => [seat, decision]));
              const { outcome } = judgeBallots(requirement, { seats: SEATS, filled, ballots: box });
              expect(ballotsOutcome(requirement, SEATS, filled, cast), JSON.stringify({ requirement, filled, box })).toBe(
                outcome,
              );
            }
});

const VOTES = ['yes', 'no', 'abstain', 'absent', 'excused', 'recused', 'vacant'] as const;

test('what a roll call decides, and that no figure of its tally can be another', () => {
  const cases = fc.record({
    votes: fc.array(fc.constantFrom(...VOTES), { minLength: 4, maxLength: 5 }),
    threshold: fc.constantFrom(...thresholds('seats', 'filled', 'present')),
    pinned: fc.constantFrom(undefined, 3, 6),
    override: fc.constantFrom(undefined, 2),
  });
  drawn(cases, ({ votes, threshold, pinned, override }) => {
    const requirement = asking(threshold, 0, pinned, 'certification');
    const roll = votes.map((vote, index) => ({ seat: `s${index}`, holder: vote === 'vacant' ? null : `h${index}`, vote }));
    const named = Object.fromEntries(roll.map(({ seat, vote }) => [seat, vote]));
    const {
      yes,
      no,
      present,
      denominator: of,
      needed: enough,
      outcome,
    } = judgeRollCall(requirement, named, Object.keys(named), override);
    const tally = { yes, no, present, of, needed: enough };
    const counted = (other: object) =>
      mustCount(requirement, { roll, tally: { ...tally, ...other } } as EventOf<'VoteCertified'>, override);
    expect(counted({})).toBe(outcome === 'met');
    for (const [name, figure] of Object.entries(tally))
      expect(objectsTo(() => void counted({ [name]: figure + 1 }))).toBe('tally');
  });
});

const GLOB = fc.array(fc.constantFrom('*', '**', 'a', 'b'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
const KEY = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
const VALUE = fc.constantFrom('changed', 'unchanged', 'unknown');

test('which rule is for a change', () => {
  const cases = fc.record({
    when: fc.record(
      {
        key: fc.array(GLOB, { minLength: 1, maxLength: 2 }),
        kind: fc.subarray([...KINDS], { minLength: 1 }),
        impact: fc.subarray(['cost', 'sharing'], { minLength: 1 }),
      },
      { requiredKeys: [] },
    ),
    key: KEY,
    kind: fc.constantFrom(...KINDS),
    cost: VALUE,
    sharing: VALUE,
  });
  drawn(cases, ({ when, key, kind, ...impacts }) => {
    const impact = { ...facts().impact, ...impacts };
    const first = rule([], { id: 'first', when: when as never });
    const isFirst = matchRule(policy(first, rule([])), { key, kind, impact }).id === 'first';
    expect(applies(first, key, { kind, impact }), `${JSON.stringify(when)} ${key}`).toBe(isFirst);
  });
});

const moment = { at: day(0), zone: 'America/Denver' };
const BOUNDS = ['2026-02-28', '2026-03-01', '2026-03-02', day(0), day(0, '07:00:00.000'), day(1, '06:59:59.999')];
const bound = fc.constantFrom(...BOUNDS);
const BODIES = { council: ['a', 'b'], clerk: ['c', 'd'], mayor: ['m'], gone: ['g'] } as const;
const place = fc.constantFrom(...Object.entries(BODIES).flatMap(([body, seats]) => seats.map((seat) => ({ body, seat }))));
const holders = fc.array(
  fc.record(
    { id: fc.constantFrom('p', 'q', 'r', 's'), place, from: bound, to: bound, acting: fc.constant(true as const) },
    { requiredKeys: ['id', 'place', 'from'] },
  ),
  { maxLength: 5 },
);
const bodies = fc.record(
  {
    council: fc.record(
      {
        seats: fc.constantFrom<string[]>(['a', 'b'], ['b', 'a'], ['a'], ['a', 'a']),
        attestedBy: fc.constantFrom('clerk', 'council', 'none'),
      },
      { requiredKeys: ['seats'] },
    ),
    clerk: fc.record({ seats: fc.constantFrom<string[]>(['c', 'd'], ['c']) }),
    mayor: fc.record({ seats: fc.constant<string[]>(['m']) }),
  },
  { requiredKeys: ['clerk'] },
);
const rosters = fc.record({ bodies, holders }).map(
  (drawnOne): Roster => ({
    bodies: Object.fromEntries(Object.entries(drawnOne.bodies).map(([id, body]) => [id, { name: id.toUpperCase(), ...body }])),
    holders: drawnOne.holders.map(({ place: { body, seat }, id, ...bounds }) => term(body, seat, { id, ...bounds })),
  }),
);
const isSound = (roster: Roster) => rosterProblems(roster, moment.zone).length === 0;
const sound = rosters
  .map((roster) => ({
    ...roster,
    holders: roster.holders.filter((_, index, all) => isSound({ ...roster, holders: all.slice(0, index + 1) })),
  }))
  .filter(isSound);

test('which rosters contradict themselves', () => {
  let refused = 0;
  drawn(rosters, (roster) => {
    const isRefused = !isSound(roster);
    if (isRefused) refused += 1;
    expect(
      objectsTo(() => mustBeSound(roster, moment.zone)),
      JSON.stringify(roster),
    ).toBe(isRefused ? 'roster-invalid' : null);
  });
  expect(Math.min(refused, RUNS - refused)).toBeGreaterThanOrEqual(oneIn(50));
  const wide = (count: number, name = 'A body'): Roster => ({
    bodies: Object.fromEntries(upTo(count - 1).map((index) => [`body-${index}`, { name, seats: ['a'] }])),
    holders: [],
  });
  for (const each of [
    wide(0),
    wide(16),
    wide(17),
    wide(16, 'x'.repeat(200)),
    wide(16, '—'.repeat(100)),
    wide(16, '—'.repeat(400)),
  ])
    expect(objectsTo(() => mustBeSound(each, 'UTC')) === null).toBe(rosterProblems(each, 'UTC').length === 0);
});

const versionOf = (roster: Roster, contacts: Readonly<Record<string, string>> = {}) => ({
  number: 1,
  since: day(-9),
  sha256: '',
  roster,
  contacts,
});
const deciding = policy(rule([council(), mayor(), { id: 'advice', body: 'gone', instrument: 'advice' }]));

test('who sits where, and who can be one of two', () => {
  drawn(
    fc.record({
      roster: sound,
      at: fc.constantFrom(...BOUNDS),
      who: fc.constantFrom('p', 'q', 'r'),
      place,
      isFirst: fc.boolean(),
    }),
    ({ roster, at: bounded, who, place: { body, seat }, isFirst }) => {
      const at = bounded.includes('T') ? bounded : `${bounded}T12:00:00.000Z`;
      const when = { at, zone: moment.zone };
      const [local, version] = [localMoment(at, moment.zone), versionOf(roster)];
      const ids = (of: ReturnType<typeof holdersOf>) => [...of].map(([name, { id }]) => [name, id]);
      expect([...sitting(version, body, when)]).toEqual(ids(holdersOf(roster, body, local)));
      const date = bounded < '2026-03-02' ? bounded.slice(0, 10) : '2026-03-01';
      const meeting = lastMomentOf(date, moment.zone, moment.at);
      expect([...sitting(version, body, atMeeting(date, moment))]).toEqual(ids(holdersOf(roster, body, meeting)));
      const officer = { holder: who, body, seat };
      const rules = isFirst ? ([undefined, null] as const) : ([deciding, { ...deciding, bodies: ruledBodies(roster) }] as const);
      expect(canBeOneOfTwo(rules[0], version, officer, when)).toBe(isInDecidingBody(rules[1], roster, officer, local));
      expect(wasLastIn(rules[0], version, officer, when)).toBe(isLastInDecidingBody(rules[1], roster, officer, local));
    },
  );
});

// A day lasts longer in another zone, and an instant stays.
test('of two terms that a change of the zone made overlap the first of the roster sits', () => {
  const days = term('mayor', 'm', { id: 'q', from: '2026-02-01', to: '2026-03-02' });
  const after = term('mayor', 'm', { id: 'p', from: '2026-03-03T00:00:00.000Z', to: '2026-03-05' });
  for (const holders of [
    [days, after],
    [after, days],
  ]) {
    const roster: Roster = { bodies: { mayor: { name: 'Mayor', seats: ['m'] } }, holders };
    expect([isSound(roster), rosterProblems(roster, 'UTC')]).toEqual([false, []]);
    for (const at of [
      '2026-03-02T23:59:59.999Z',
      '2026-03-03T00:00:00.000Z',
      '2026-03-03T06:59:59.999Z',
      '2026-03-03T07:00:00.000Z',
    ]) {
      const sits = [...holdersOf(roster, 'mayor', localMoment(at, moment.zone))].map(([seat, { id }]) => [seat, id]);
      expect([...sitting(versionOf(roster), 'mayor', { at, zone: moment.zone })], at).toEqual(sits);
    }
  }
});

const ADDRESSES = fc.dictionary(fc.constantFrom('p', 'q', 'r'), fc.constantFrom('x', 'y'));
const contents = fc.record({ roster: sound, contacts: ADDRESSES });

test('which rosters leave two persons, and which only end terms', () => {
  const seen = new Set<string>();
  drawn(fc.record({ before: contents, next: contents, isSame: fc.boolean() }), ({ before, next: other, isSame }) => {
    const ended = before.roster.holders.map((each, index) => (index === 0 ? { ...each, to: '2026-03-02' } : each));
    const next = isSame ? { ...before, roster: { ...before.roster, holders: ended } } : other;
    const sparing = onlyEndsTerms(before, next, moment.zone);
    expect(onlyEnds(versionOf(before.roster, before.contacts), versionOf(next.roster, next.contacts), moment.zone)).toBe(sparing);
    const leaves = lockoutIn(deciding, next.roster, localMoment(moment.at, moment.zone), sparing) === undefined;
    expect(leavesTwo(deciding, next, moment, sparing)).toBe(leaves);
    seen.add(`${sparing} ${leaves}`);
  });
  expect(seen.size).toBeGreaterThan(1);
});

test('which roster follows from a policy, and what counts of a roster under it', () => {
  const seatings = fc.record({
    inForce: contents,
    rules: sound.map(ruledBodies),
    added: sound,
    contacts: ADDRESSES,
    hasSeats: fc.boolean(),
  });
  drawn(seatings, ({ inForce, rules, added, contacts, hasSeats }) => {
    const labelled = Object.entries(added.bodies).map(([id, body]) => [id, { ...body, seatLabels: { a: 'The first', m: 'M' } }]);
    const newSeats = { bodies: Object.fromEntries(labelled), holders: added.holders, contacts };
    const seating = { bodies: rules, ...(hasSeats && { newSeats }) };
    const words = { policy: deciding, ...seating };
    expect(following(inForce, words)).toEqual(rosterFollowing(inForce, seating));
    const before = ruledBodies(inForce.roster);
    const strangers = hasSeats && Object.keys(contacts).some((id) => !added.holders.some((each) => each.id === id));
    expect(objectsTo(() => mustAddOnly(before, words)) === null).toBe(addsOnlyNewSeats(before, seating) && !strangers);
    const { roster } = inForce;
    expect(areSeatsOf(rules, roster)).toBe(bodyDifferences(rules, ruledBodies(roster)).length === 0);
    const { inForce: seated } = underPolicy({ inForce: { roster } }, rules);
    const own = seatedBy(rules, versionOf(roster)).roster;
    expect(own.holders).toEqual(seated.roster.holders);
    expect(ruledBodies(own)).toEqual(ruledBodies(seated.roster));
  });
});

test('since when each body has its seats', () => {
  let older = 0;
  drawn(fc.array(sound.map(ruledBodies), { minLength: 2, maxLength: 4 }), (all) => {
    const by = { operator: true } as const;
    const adopted = all.map((bodies, index) => ({ policy: deciding, bodies, sha256: '', number: index + 1, by, at: day(index) }));
    const judged = new City();
    judged.policies.push(...adopted.map((each) => ({ ...each, since: each.at })));
    let { initialState: state } = policyDecider;
    for (const each of adopted) {
      state = policyDecider.evolve(state, { type: 'PolicyAdopted', v: 1, ...each });
      judged.bodies = each.bodies;
      const since = Object.keys(each.bodies).flatMap((body) => {
        const from = seatedSince(judged, body);
        return from === null ? [] : [[body, from] as const];
      });
      expect(Object.fromEntries(since)).toEqual(state.inForce?.seatsSince);
      if (since.some(([, from]) => from < each.at)) older += 1;
    }
  });
  expect(older).toBeGreaterThanOrEqual(oneIn(20));
});

const CLERK_ALONE = city({ 'deputy-clerk': null });
const LARGE = city();
const SMALL: Roster = { ...CLERK_ALONE, bodies: { ...CLERK_ALONE.bodies, clerk: { name: 'Clerk', seats: ['clerk'] } } };
const TIMES = ['P0D', 'P1D', 'P28D', 'P29D', 'P31D', 'P1M', 'P2M', 'P364D', 'P365D', 'P366D', 'P1Y', 'PT24H', 'PT1M', 'P4W'];
const time = fc.constantFrom(...TIMES);
const ID = fc.constantFrom('council', 'mayor', 'auditor', 'advice', 'senate');
const CONFIRMERS = ['council', 'clerk', 'clerk/clerk', 'council/at-large-a', 'council/nobody', 'mayor', 'senate'];
const WHO = fc.constantFrom(...CONFIRMERS);
const override = fc.record(
  {
    requirement: ID,
    yes: fc.constantFrom(1, 9, 13, 14),
    within: fc.oneof(time, fc.record({ notBefore: time, notAfter: time }, { requiredKeys: ['notAfter'] })),
    confirmedBy: WHO,
  },
  { requiredKeys: ['requirement', 'yes', 'within'] },
);
/** What one requirement of the rule of a council and a mayor can be instead. */
const instead = fc.oneof(
  fc.record({ id: ID }),
  fc.record({ body: fc.constantFrom('council', 'mayor', 'clerk', 'board', 'senate') }),
  fc.record({ instrument: fc.constantFrom('certification', 'signature', 'ballots', 'advice') }),
  fc.record({
    threshold: fc.constantFrom(
      undefined,
      ...thresholds('seats', 'filled', 'present'),
      { yes: 13, of: 'seats' },
      { yes: 14, of: 'seats' },
    ),
  }),
  fc.record({ quorum: fc.constantFrom(undefined, 1, 2, 13, 14) }),
  fc.record({ after: fc.uniqueArray(ID, { maxLength: 2 }) }),
  fc.record({ deadline: fc.constantFrom(undefined, 'P0D', 'P5D') }),
  fc.record({ override: fc.oneof(fc.constant(undefined), override) }),
  fc.record({ override: override.map((each) => ({ ...each, requirement: 'council', confirmedBy: 'council', yes: 9 })) }),
  fc.record({ confirmedBy: fc.oneof(fc.constant(undefined), WHO) }),
);
const GLOBS = [
  '**',
  'acme.**',
  'aldergate',
  'aldergate.*',
  'aldergate.policy',
  'a.b.c.d.e',
  'a.b.c.d.e.f',
  '**.**.a',
  '**.**.**',
  'a.*b',
];
const ruleInstead = fc.oneof(
  fc.record({ when: fc.record({ key: fc.uniqueArray(fc.constantFrom(...GLOBS), { minLength: 1, maxLength: 2 }) }) }),
  fc.record({ when: fc.record({ kind: fc.subarray([...KINDS], { minLength: 5 }) }) }),
  fc.constant({ when: { impact: ['oversight'] } }),
  fc.constant({ when: { impact: ['cost'] } }),
  fc.record({ documents: fc.constantFrom([], ['report']) }),
  fc.record({ notice: time, window: time }),
  fc.record({ term: time }),
);
const AUDITOR = signature('auditor', { after: ['mayor'] });
const ADVICE = { id: 'advice', body: 'board', instrument: 'advice' } as const;
const requirements = fc.constantFrom<readonly object[]>(
  [council(), mayor()],
  [council(), mayor(), AUDITOR],
  [signature('clerk'), signature('mayor'), ADVICE],
  [council(), council({ id: 'again', body: 'board', quorum: 1 }), ADVICE],
);
const withEdits = (require: readonly object[], edits: readonly (readonly [number, object])[]) =>
  edits.reduce((all, [index, edit]) => all.with(index % all.length, { ...all[index % all.length], ...edit }), [...require]);
const ruleWith = (id: string) =>
  fc
    .record({
      require: requirements,
      edits: fc.array(fc.tuple(fc.nat(3), instead), { maxLength: 2 }),
      more: fc.array(ruleInstead, { maxLength: 1 }),
    })
    .map(({ require, edits, more }) => Object.assign({}, rule(withEdits(require, edits) as never, { id }), ...more) as object);
const policies = fc.oneof(
  ruleWith('all').map((only) => [only]),
  fc.tuple(
    ruleWith('first'),
    fc.constantFrom(rule([council(), mayor()], { id: 'rest' }), rule([council(), mayor()], { id: 'first' })),
  ),
);

/**
 * Returns the code with which the judge refuses a first policy, or null; undefined for what no schema reads. It must agree with the
 * gate.
 */
const judgedPolicy = (input: unknown, roster: Roster): string | null | undefined => {
  const parsed = Policy.safeParse(JSON.parse(JSON.stringify(input)));
  if (!parsed.success) return undefined;
  const judged = new City();
  judged.rosters.push({ ...versionOf(roster), since: day(-20) });
  const at = day(0);
  const content = { policy: parsed.data, bodies: ruledBodies(roster) };
  const adopted = {
    type: 'PolicyAdopted',
    v: 1,
    at,
    number: 1,
    sha256: digestOf(canonical(content)),
    ...content,
    by: { operator: true },
  } as const;
  const commit = { stream: 'policy', version: 1, id: 'c', commandId: 'c', at, actor: 'operator', prev: null, events: [] };
  const code = objectsTo(() => void judgePolicies(judged, commit, [adopted], 'UTC'));
  const isRefused =
    !checkPolicy(content.policy, roster).ok || lockoutIn(content.policy, roster, localMoment(at, 'UTC')) !== undefined;
  expect(code !== null, `${code} ${JSON.stringify(input)}`).toBe(isRefused);
  return code;
};

test('which policies can work, and can be replaced', () => {
  const codes = new Map<string | null, number>();
  drawn(fc.record({ rules: policies, roster: fc.constantFrom(LARGE, SMALL) }), ({ rules, roster }) => {
    const code = judgedPolicy({ ...policy(), rules }, roster);
    if (code !== undefined) codes.set(code, (codes.get(code) ?? 0) + 1);
  });
  const seen = (code: string | null) => codes.get(code) ?? 0;
  expect(Math.min(seen(null), seen('policy-invalid'))).toBeGreaterThanOrEqual(oneIn(20));
  expect(seen('policy-locked')).toBeGreaterThanOrEqual(oneIn(300));
});

test.each([
  ['LARGE', LARGE],
  ['SMALL', SMALL],
])('every policy that the gate is known to refuse, and each body or seat that could confirm: %s', (_, roster) => {
  for (const [, input] of REFUSED) judgedPolicy(input, roster);
  for (const confirmedBy of CONFIRMERS)
    for (const require of [
      [council({ confirmedBy }), mayor()],
      [council(), mayor({ override: { requirement: 'council', yes: 13, within: 'P30D', confirmedBy } })],
      [council({ threshold: { yes: 13, of: 'seats' }, quorum: 13, confirmedBy })],
    ])
      judgedPolicy(policy(rule(require)), roster);
  const votes = { threshold: { yes: 1, of: 'seats' }, quorum: 1 } as const;
  for (const require of [
    [asking(votes.threshold, 2, undefined, 'ballots')],
    [council(), signature('clerk'), mayor()],
    [council(), council({ ...votes, id: 'again', body: 'mayor' }), signature('auditor')],
    [council(), mayor(), { ...ADVICE, body: 'mayor' }],
  ])
    judgedPolicy(policy(rule(require)), roster);
  const own = rule([council(), mayor()], { id: 'own', when: { key: ['aldergate.*'] }, documents: ['report'] });
  judgedPolicy(policy(own, rule([council(), mayor()])), roster);
});
