import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { lockoutIn, onlyEndsTerms } from '../../../domain/policy/decide.ts';
import { bodyDifferences, ruledBodies } from '../../../domain/roster/bodies.ts';
import { rosterDecider } from '../../../domain/roster/decide.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { day } from '../../domain/feature/support.ts';
import { digest } from '../../domain/judge/forger.ts';
import { Log } from '../../domain/judge/log.ts';
import { council, policy, rule, signature, term } from '../../support/fixtures/city.ts';
import { codeOfLast } from '../../support/judged.ts';
import { wasDone } from './townLife.ts';

// Random rosters and random persons who confirm them. What the gate's rules refuse is forged, and the judge refuses it too.
const RUNS = Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 30) * 5;

const BODIES: Roster['bodies'] = {
  council: { name: 'Council', seats: ['a', 'b'], attestedBy: 'clerk' },
  mayor: { name: 'Mayor', seats: ['m'] },
  clerk: { name: 'Clerk', seats: ['clerk', 'deputy'] },
};
const SEATS = Object.entries(BODIES).flatMap(([body, { seats }]) => seats.map((seat) => ({ body, seat })));
const BASE: Roster = { bodies: BODIES, holders: SEATS.map(({ body, seat }) => term(body, seat)) };
const PERSONS = ['a', 'b', 'm', 'clerk', 'deputy', 'newcomer'];
const DATES = ['2023-07-17', day(-20).slice(0, 10), day(-9).slice(0, 10), day(30).slice(0, 10)];

type Edit = (roster: Roster) => Roster;
const holderEdit = fc
  .record({
    at: fc.nat(SEATS.length - 1),
    id: fc.constantFrom(...PERSONS),
    from: fc.constantFrom(...DATES),
    to: fc.constantFrom(undefined, undefined, ...DATES),
    more: fc.boolean(),
  })
  .map(
    ({ at, id, from, to, more }): Edit =>
      (roster) => {
        const { body = '', seat = '' } = SEATS[at] ?? {};
        const next = term(body, seat, { id, from, ...(to !== undefined && { to }) });
        const others = more ? roster.holders : roster.holders.filter((each) => each.body !== body || each.seat !== seat);
        return { ...roster, holders: [...others, next] };
      },
  );
const vacancy = fc.nat(SEATS.length - 1).map(
  (at): Edit =>
    (roster) => ({ ...roster, holders: roster.holders.filter(({ seat }) => seat !== SEATS[at]?.seat) }),
);
const bodyEdit = fc
  .record({
    body: fc.constantFrom('council', 'mayor', 'clerk', 'board'),
    seats: fc.array(fc.constantFrom('a', 'b', 'c', 'm', 'clerk', 'deputy'), { minLength: 1, maxLength: 3 }),
    attestedBy: fc.constantFrom(undefined, 'clerk', 'mayor', 'council', 'nowhere'),
  })
  .map(
    ({ body, seats, attestedBy }): Edit =>
      (roster) => ({
        ...roster,
        bodies: { ...roster.bodies, [body]: { name: body, seats, ...(attestedBy !== undefined && { attestedBy }) } },
      }),
  );

const rosters = fc
  .array(fc.oneof({ arbitrary: holderEdit, weight: 5 }, vacancy, bodyEdit), { minLength: 1, maxLength: 3 })
  .map((edits) => edits.reduce((roster, edit) => edit(roster), BASE));
const officers = fc.oneof(
  fc.constantFrom(...SEATS.map(({ body, seat }) => ({ holder: seat, body, seat }))),
  fc.record({
    holder: fc.constantFrom(...PERSONS),
    body: fc.constantFrom(...Object.keys(BODIES)),
    seat: fc.constantFrom(...SEATS.map(({ seat }) => seat)),
  }),
);

const RULES = policy(rule([council({ quorum: 1 }), signature('mayor')]));
const city = (ruled: boolean) => {
  const log = new Log().zone().setRoster(BASE);
  return ruled ? log.adopt(RULES) : log;
};

/** Reports whether the policy in force has something against a roster: its bodies, or that too few could confirm the next. */
const isRefused = (roster: Roster) => {
  const { inForce } = city(true).stateOf('roster', rosterDecider);
  const onlyEnds = inForce !== null && onlyEndsTerms(inForce, { roster, contacts: inForce.contacts }, 'UTC');
  const differs = bodyDifferences(ruledBodies(BASE), ruledBodies(roster)).length > 0;
  return differs || lockoutIn(RULES, roster, localMoment(day(1), 'UTC'), onlyEnds) !== undefined;
};

const PATIENCE_MS = 120_000 + RUNS * 50;

test(
  'a roster comes into force by the judge exactly if it does by the gate',
  () => {
    const seen = { adopted: 0, 'not confirmed': 0, 'not proposed': 0 };
    fc.assert(
      fc.property(rosters, officers, officers, fc.boolean(), (roster, one, two, ruled) => {
        fc.pre(digest(roster) !== digest(BASE));
        const proposed = city(ruled);
        if ((ruled && isRefused(roster)) || !wasDone(() => proposed.proposeRoster(roster, day(1)))) {
          seen['not proposed'] += 1;
          const { contacts } = city(ruled).stateOf('roster', rosterDecider).inForce ?? { contacts: {} };
          const event = { type: 'ProposalMade', v: 1, at: day(1), subject: { number: 2, roster, contacts } };
          const forged = city(ruled).write('roster', [{ ...event, sha256: digest({ roster, contacts }) }], {
            at: day(1),
            actor: 'operator',
          });
          expect(codeOfLast(forged)).not.toBe('stands');
          return;
        }
        expect(codeOfLast(proposed)).toBe('stands');
        const { v, sha256, subject } = proposed.last.events[0] as unknown as Record<string, object>;
        for (const [by, at] of [
          [one, day(2)],
          [two, day(3)],
        ] as const) {
          const before = proposed.commits.length;
          wasDone(() => proposed.confirmRoster(by, at));
          const inForce = proposed.stateOf('roster', rosterDecider).inForce?.number === 2;
          if (proposed.commits.length > before) expect(codeOfLast(proposed)).toBe('stands');
          if (inForce) {
            seen.adopted += 1;
            return;
          }
          const common = { v, at, sha256 };
          const events = [
            { type: 'ProposalAnswered', ...common, ...by, roster: 1, decision: 'confirm', reason: null },
            { type: 'RosterAdopted', ...common, ...subject, by: 'confirmation' },
          ];
          const [kept] = proposed.commits.length > before ? proposed.commits.splice(before) : [undefined];
          const forged = proposed.write('roster', events, { at, actor: `holder:${by.holder}` });
          expect(codeOfLast(forged)).not.toBe('stands');
          proposed.commits.splice(before);
          if (kept !== undefined) proposed.commits.push(kept);
        }
        seen['not confirmed'] += 1;
      }),
      { numRuns: RUNS },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(RUNS / 30);
  },
  PATIENCE_MS,
);
