import type { JsonObject } from '../../../../domain/kernel/json.ts';
import type { Policy } from '../../../../domain/policy/schema.ts';
import { type NewSeats, ruledBodies } from '../../../../domain/roster/bodies.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { council, mayor, policy, roster, rule, signature, term, thirteenSeats } from '../../../support/fixtures/city.ts';
import { certify, day, notify, revoke, sign } from '../../feature/support.ts';
import { approvedPolicy, newMember, newSeat, otherPolicy, overseen, withOverseer } from '../cityStories.ts';
import { digest, edited } from '../forger.ts';
import { city, Log } from '../log.ts';
import { edit, type Forgery, graft, type Make, VOTED, wrote } from './base.ts';

const adopts = (policy: Policy, bodies: ReturnType<typeof ruledBodies>, more: JsonObject): JsonObject => ({
  type: 'PolicyAdopted',
  v: 1,
  sha256: digest({ policy, bodies }),
  ...({ policy, bodies } as unknown as JsonObject),
  ...more,
});
const OPERATOR = { operator: true };
const other: Policy = { ...thirteenSeats, version: 'other' };
/** The second policy, adopted on day 5. */
const second = (granted: JsonObject): JsonObject => adopts(other, ruledBodies(roster()), { number: 2, at: day(5), by: granted });
const byChange = second({ change: 'aldergate.policy/1', revision: 1 });

/** The operator adopts a first policy that no check let through, for a city with this roster. */
const firstPolicy = (adopted: Policy, base = roster(), bodies = ruledBodies(base)): Make =>
  wrote(() => new Log().zone().setRoster(base), 'policy', adopts(adopted, bodies, { number: 1, at: day(-8), by: OPERATOR }));

/** The operator sets a first roster that no check let through. */
export const firstRoster = (base: Roster): Make => {
  const facts = {
    number: 1,
    sha256: digest({ roster: base, contacts: {} }),
    roster: base as unknown as JsonObject,
    contacts: {},
  };
  return wrote(() => new Log().zone(), 'roster', { type: 'RosterAdopted', v: 1, at: day(-9), ...facts, by: 'operator' });
};

const locked = (what: string, require: Parameters<typeof rule>[0], more: Parameters<typeof rule>[1] = {}): Forgery => [
  `a policy ${what}`,
  'policy-locked',
  firstPolicy(policy(rule(require, more))),
];
const invalid = (
  what: string,
  require: Parameters<typeof rule>[0],
  more: Parameters<typeof rule>[1] = {},
  base = roster(),
): Forgery => [`a policy ${what}`, 'policy-invalid', firstPolicy(policy(rule(require, more)), base)];
const oneClerk = (): Roster => {
  const { bodies, holders } = roster({ 'deputy-clerk': null });
  return { bodies: { ...bodies, clerk: { name: 'City Clerk', seats: ['clerk'] } }, holders };
};
const newMemberConfirmed = () => city().adoptRoster(roster({ 'district-1': { name: 'Member with another name' } }), day(2));

/** Rosters and policies that may not come into force. */
const ADOPTIONS: readonly Forgery[] = [
  [
    'a second roster by the operator',
    'second-operator',
    wrote(city, 'roster', {
      ...new Log().zone().setRoster(roster({ mayor: { id: 'somebody' } }), day(1)).last.events[0],
      number: 2,
    }),
  ],
  [
    'a first policy before any roster',
    'other-roster',
    wrote(
      () => new Log().zone(),
      'policy',
      adopts(thirteenSeats, ruledBodies(roster()), { number: 1, at: day(-8), by: OPERATOR }),
    ),
  ],
  ['a second policy by the operator', 'second-operator', wrote(city, 'policy', second(OPERATOR))],
  ['a confirmation that adopts another roster', 'consequence', edit(newMemberConfirmed, 'RosterAdopted', { contacts: {} })],
  ['a confirmation of what was not proposed', 'roster-proposal', graft(city, newMemberConfirmed)],
  [
    'a roster with a seat that no body has',
    'roster-invalid',
    firstRoster({ ...roster(), holders: [...roster().holders, term('council', 'nowhere')] }),
  ],
  ['a roster under another digest', 'digest', edit(() => new Log().zone().setRoster(), 'RosterAdopted', { contacts: {} })],
  [
    'a roster that had been replaced',
    'other-roster',
    graft(
      () => newMember().feat(notify(day(20), 1)),
      () => city().feat(notify(day(20), 1), certify(day(30), 1)),
    ),
  ],
  [
    'a policy that no change approved',
    'policy-not-approved',
    wrote(() => city().proposePolicy(other, day(1)), 'policy', byChange, 'clock'),
  ],
  ['a policy that was not proposed', 'policy-proposal', wrote(city, 'policy', byChange, 'clock')],
  [
    'a policy that is adopted a second time by one approval',
    'policy-not-approved',
    wrote(() => otherPolicy().proposePolicy(other, day(20)), 'policy', { ...byChange, number: 3, at: day(21) }, 'clock'),
  ],
  [
    'a policy whose approval was revoked before',
    'policy-not-approved',
    () => {
      const log = otherPolicy();
      const [adoption] = log.commits.splice(log.commits.findIndex(({ stream, version }) => stream === 'policy' && version > 2));
      log.on('aldergate.policy', revoke(day(12, '18:00:00.000'), 1, { requirement: 'mayor' }));
      return log.write('policy', adoption?.events ?? [], { at: day(13), actor: 'clock' });
    },
  ],
  locked('that asks its own change for a vendor’s document', VOTED, { documents: ['report'] }),
  locked('whose window ends before its notice', VOTED, { notice: 'P30D', window: 'P7D' }),
  locked('that asks one seat for two persons', [signature('mayor'), signature('mayor', { id: 'again' })]),
  locked('whose clerk certifies and signs twice', [council(), signature('clerk'), signature('clerk', { id: 'b' })]),
  invalid('whose override no second person confirms', [
    council(),
    mayor({ override: { requirement: 'council', yes: 9, within: 'P30D' } }),
  ]),
  invalid('whose one clerk would confirm the clerk', [council({ confirmedBy: 'clerk' })], {}, oneClerk()),
  invalid('whose window is no time at all', VOTED, { window: 'P0D' }),
  invalid('that one person fills', [signature('mayor')]),
];

const withBodies = (change: Roster['bodies'], ...more: Roster['holders']): Roster => {
  const { bodies, holders } = roster();
  return { bodies: { ...bodies, ...change }, holders: [...holders, ...more] };
};
const puppets = withBodies(
  { mayor: { name: 'Mayor', seats: ['mayor', 'second-mayor'] } },
  term('mayor', 'second-mayor', { id: 'puppet' }),
);
const PUPPET = term('mayor', 'mayor', { id: 'puppet' });
const withoutAuditor = (): Roster => {
  const { bodies, holders } = roster();
  const { auditor: _, ...others } = bodies;
  return { bodies: others, holders: holders.filter(({ body }) => body !== 'auditor') };
};
const inSeats = (...seats: readonly string[]): Roster => ({
  ...roster(),
  holders: roster().holders.filter(({ seat }) => seats.includes(seat)),
});

/** The policy with the new seat: proposed, approved and adopted, without the roster that follows. */
const overseerProposed = () => city().proposePolicy(overseen, day(1), withOverseer());
const adoptedAlone = (): Log => approvedPolicy(overseerProposed()).adoptProposed(day(13));
const followed = (): Log => adoptedAlone().followPolicy(day(13, '12:00:01.000'));

interface Seats {
  readonly bodies: Readonly<Record<string, { readonly seats: readonly string[] }>>;
  readonly newSeats: NewSeats;
}
/** What a policy's event says of seats, edited, with the digest that fits. */
const reseated =
  (make: Make, edit: (content: Seats) => { readonly bodies?: object; readonly newSeats?: object }): Make =>
  () =>
    edited(make(), (event) => {
      const next = { ...event, ...edit(event as unknown as Seats) } as typeof event;
      const { policy: rules, bodies, newSeats } = next;
      return { ...next, sha256: digest({ policy: rules, bodies, ...(newSeats !== undefined && { newSeats }) }) };
    });
const adding =
  (bodies: NewSeats['bodies'], ...holders: NewSeats['holders']) =>
  ({ newSeats }: Seats) => ({
    newSeats: { ...newSeats, bodies: { ...newSeats.bodies, ...bodies }, holders: [...newSeats.holders, ...holders] },
  });
const SHADOW = { shadow: { name: 'Shadow', seats: ['one'] } };
const withShadow = ({ bodies }: Seats) => ({ bodies: { ...bodies, shadow: { seats: ['one'] } } });

/** Who may decide: seats that no vote made, and holders whom no vote put in them. */
const SEATS: readonly Forgery[] = [
  ...[
    ['a roster with another seat for a mayor', puppets] as const,
    ['a roster with a body of its own', withBodies(SHADOW)] as const,
    ['a roster with a body less than the policy has', withoutAuditor()] as const,
    [
      'a roster with a council that another office certifies',
      withBodies({ council: { name: 'Council', seats: roster().bodies['council']?.seats ?? [], attestedBy: 'auditor' } }),
    ] as const,
  ].map(([what, next]): Forgery => [what, 'seats-are-rules', () => city().proposeRoster(next, day(1))]),
  ['a first policy with other seats than the roster in force', 'new-seats', firstPolicy(other, roster(), ruledBodies(puppets))],
  ['a policy that also swaps the holder of a seat that there is', 'new-seats', reseated(overseerProposed, adding({}, PUPPET))],
  [
    'a policy that calls a seat new which is not',
    'new-seats',
    reseated(overseerProposed, adding({ mayor: { name: 'Mayor', seats: ['mayor'] } }, PUPPET)),
  ],
  ['a policy that calls a seat new which it does not have', 'new-seats', reseated(overseerProposed, adding(SHADOW))],
  [
    'a policy that also moves the address of who sits in no new seat',
    'new-seats',
    reseated(overseerProposed, ({ newSeats }) => ({
      newSeats: { ...newSeats, contacts: { ...newSeats.contacts, mayor: digest('x') } },
    })),
  ],
  ['a policy with a seat that it does not call new', 'new-seats', reseated(overseerProposed, withShadow)],
  [
    'a policy adopted with other seats than were proposed',
    'policy-proposal',
    reseated(adoptedAlone, (content) => ({ ...withShadow(content), ...adding(SHADOW)(content) })),
  ],
  [
    'a policy adopted with another holder of its new seat than was proposed',
    'policy-proposal',
    reseated(adoptedAlone, ({ newSeats }) => ({
      newSeats: { ...newSeats, holders: newSeats.holders.map((each) => ({ ...each, id: 'puppet' })), contacts: {} },
    })),
  ],
  [
    'a policy under whose roster a person sits in two seats of a body',
    'roster-invalid',
    reseated(overseerProposed, ({ bodies, newSeats }) => ({
      bodies: { ...bodies, overseer: { seats: ['overseer', 'second'] } },
      newSeats: {
        ...newSeats,
        bodies: { overseer: { name: 'Overseer', seats: ['overseer', 'second'] } },
        holders: newSeats.holders.flatMap((each) => [each, { ...each, seat: 'second' }]),
      },
    })),
  ],
  [
    'a roster that follows from a policy with another mayor',
    'consequence',
    () =>
      edited(followed(), (event) => {
        const { bodies, holders } = event['roster'] as unknown as Roster;
        const next = { bodies, holders: holders.map((each) => (each.seat === 'mayor' ? { ...each, id: 'puppet' } : each)) };
        return { ...event, roster: next, sha256: digest({ roster: next, contacts: event['contacts'] }) };
      }),
  ],
  [
    'a roster that follows from a policy twice',
    'other-policy',
    () => {
      const log = newSeat();
      const [event] = log.commits.findLast(({ stream }) => stream === 'roster')?.events ?? [];
      return wrote(() => log, 'roster', { ...event, at: day(20), number: 3 }, 'clock')();
    },
  ],
  ['a roster that follows from a policy which is not in force', 'other-policy', edit(followed, 'RosterAdopted', { policy: 3 })],
  [
    'a roster that follows from a policy which changes nothing in it',
    'roster-proposal',
    () => {
      const same = city().commits.find(({ stream }) => stream === 'roster')?.events[0];
      return wrote(city, 'roster', { ...same, at: day(1), number: 2, by: 'policy', policy: 1 }, 'clock')();
    },
  ],
  [
    'a first roster that claims to follow from a policy',
    'number',
    edit(() => new Log().zone().setRoster(), 'RosterAdopted', { policy: 9 }),
  ],
  [
    'a signature in a seat that another policy has taken away, before the roster follows',
    'not-in-office',
    () => {
      const open = () => city(policy(rule([...VOTED, signature('auditor')]))).feat(notify(day(0), 1));
      const audited = { requirement: 'auditor', holder: 'auditor' };
      const next = { ...thirteenSeats, version: 'without auditor', rules: [rule(VOTED)] };
      const acts = [certify(day(11), 1), sign(day(12), 1), sign(day(12), 1, audited)];
      const log = approvedPolicy(open().proposePolicy(next, day(1), withoutAuditor()), acts).adoptProposed(day(13));
      return graft(
        () => log,
        () => open().feat(sign(day(20), 1, audited)),
      )();
    },
  ],
  [
    'a first policy under which two could change the roster, and one of them alone could leave it locked',
    'too-few-confirmers',
    firstPolicy(
      policy(rule([signature('mayor'), signature('auditor')])),
      inSeats('mayor', 'auditor', ...(roster().bodies['council']?.seats ?? [])),
    ),
  ],
  [
    'a roster with a new mayor under which one person could lock it',
    'too-few-confirmers',
    () => {
      const { bodies, holders } = inSeats('district-1', 'district-2');
      return city().proposeRoster({ bodies, holders: [...holders, term('mayor', 'mayor', { id: 'other-mayor' })] }, day(1));
    },
  ],
  [
    'a roster that ends the terms of all bodies but one',
    'too-few-confirmers',
    () => city().proposeRoster(inSeats('district-1', 'district-2'), day(1)),
  ],
];

/** Forgeries of the rules, and of who may decide under them. */
export const RULES: readonly Forgery[] = [...ADOPTIONS, ...SEATS];
