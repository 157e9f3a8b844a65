import { ruledBodies } from '../../../../domain/roster/bodies.ts';
import type { NewSeats } from '../../../../domain/roster/newSeats.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { council, mayor, policy, roster, rule, signature, term, thirteenSeats } from '../../../support/fixtures/city.ts';
import { certify, day, notify, sign } from '../../feature/support.ts';
import { approvedPolicy, newSeat, overseen, withOverseer } from '../cityStories.ts';
import { digest, edited, tampered } from '../forger.ts';
import { city, Log } from '../log.ts';
import { type Forgery, OPERATOR, proposed } from './base.ts';

const withBodies = (change: Roster['bodies'], ...more: Roster['holders']): Roster => {
  const { bodies, holders } = roster();
  return { bodies: { ...bodies, ...change }, holders: [...holders, ...more] };
};
const puppets = withBodies(
  { mayor: { name: 'Mayor', seats: ['mayor', 'second-mayor'] } },
  term('mayor', 'second-mayor', { id: 'puppet' }),
);

/** The policy with the new seat: proposed, approved and adopted, without the roster that follows. */
const adoptedAlone = (): Log => approvedPolicy(city().proposePolicy(overseen, day(1), withOverseer())).adoptProposed(day(13));

/** Edits what a policy's event says, and gives it the digest that fits. */
const reworded = (log: Log, edit: (content: { bodies: object; newSeats: NewSeats }) => object): Log =>
  edited(log, (event) => {
    const next = { ...event, ...edit(event as unknown as { bodies: object; newSeats: NewSeats }) } as typeof event;
    const { policy: rules, bodies, newSeats } = next;
    return { ...next, sha256: digest({ policy: rules, bodies, ...(newSeats !== undefined && { newSeats }) }) };
  });

const proposedSeat = (edit: (content: { bodies: object; newSeats: NewSeats }) => object) =>
  reworded(city().proposePolicy(overseen, day(1), withOverseer()), edit);

/** Edits the roster that follows from a policy, and gives it the digest that fits. */
const followedBy = (edit: (roster: Roster) => Roster): Log =>
  edited(adoptedAlone().followPolicy(day(13, '12:00:01.000')), (event) => {
    const next = edit(event['roster'] as unknown as Roster);
    return { ...event, roster: next, sha256: digest({ roster: next, contacts: event['contacts'] }) };
  });

const withoutAuditor = (): Roster => {
  const { bodies, holders } = roster();
  const { auditor: _, ...others } = bodies;
  return { bodies: others, holders: holders.filter(({ body }) => body !== 'auditor') };
};

/** The auditor signs in a seat that another policy has taken away, before the roster follows. */
const signedInLostSeat = (): Log => {
  const open = () => city(policy(rule([council(), mayor(), signature('auditor')]))).feat(notify(day(0), 1));
  const signed = open().feat(sign(day(20), 1, { requirement: 'auditor', holder: 'auditor' })).last;
  const next = { ...thirteenSeats, version: 'without auditor', rules: [rule([council(), mayor()])] };
  const acts = [certify(day(11), 1), sign(day(12), 1), sign(day(12), 1, { requirement: 'auditor', holder: 'auditor' })];
  const log = approvedPolicy(open().proposePolicy(next, day(1), withoutAuditor()), acts);
  return log.adoptProposed(day(13)).write('feature/acme', signed.events, signed);
};

const few = (): Roster => {
  const { bodies, holders } = roster();
  return { bodies, holders: holders.filter(({ seat }) => ['clerk', 'mayor', 'district-1', 'district-2'].includes(seat)) };
};
const without = (base: Roster, ...ids: readonly string[]): Roster => ({
  ...base,
  holders: base.holders.filter(({ id }) => !ids.includes(id)),
});

const again = (log: Log): Log => {
  const [event] = log.commits.findLast(({ stream }) => stream === 'roster')?.events ?? [];
  return log.write('roster', [{ ...event, at: day(20), number: 3 }], { at: day(20), actor: 'clock' });
};

/** Forgeries of who may decide: seats that no vote made, and holders whom no vote put in them. */
export const SEATS: readonly Forgery[] = [
  ['a roster with another seat for a mayor', 'seats-are-rules', () => city().proposeRoster(puppets, day(1))],
  [
    'a roster with a body of its own',
    'seats-are-rules',
    () => city().proposeRoster(withBodies({ shadow: { name: 'Shadow', seats: ['one'] } }), day(1)),
  ],
  ['a roster without a body that the policy has', 'seats-are-rules', () => city().proposeRoster(withoutAuditor(), day(1))],
  [
    'a roster whose council another office certifies',
    'seats-are-rules',
    () => {
      const { council: body } = roster().bodies;
      return city().proposeRoster(withBodies({ council: { ...body, attestedBy: 'auditor' } } as Roster['bodies']), day(1));
    },
  ],
  [
    'a first policy with other seats than the roster in force',
    'new-seats',
    () => {
      const bodies = ruledBodies(puppets);
      const first = { ...proposed, number: 1, bodies, sha256: digest({ policy: proposed.policy, bodies }), at: day(-8) };
      return new Log()
        .zone()
        .setRoster()
        .write('policy', [{ ...first, by: { operator: true } }], OPERATOR(day(-8)));
    },
  ],
  [
    'a policy that also swaps the holder of a seat that there is',
    'new-seats',
    () =>
      proposedSeat(({ newSeats }) => ({
        newSeats: { ...newSeats, holders: [...newSeats.holders, term('mayor', 'mayor', { id: 'puppet' })] },
      })),
  ],
  [
    'a policy that calls a seat new which is not',
    'new-seats',
    () =>
      proposedSeat(({ newSeats }) => ({
        newSeats: {
          ...newSeats,
          bodies: { ...newSeats.bodies, mayor: { name: 'Mayor', seats: ['mayor'] } },
          holders: [...newSeats.holders, term('mayor', 'mayor', { id: 'puppet' })],
        },
      })),
  ],
  [
    'a policy that calls a seat new which it does not have',
    'new-seats',
    () =>
      proposedSeat(({ newSeats }) => ({
        newSeats: { ...newSeats, bodies: { ...newSeats.bodies, other: { name: 'Other', seats: ['other'] } } },
      })),
  ],
  [
    'a policy that also moves the address of who sits in no new seat',
    'new-seats',
    () => proposedSeat(({ newSeats }) => ({ newSeats: { ...newSeats, contacts: { ...newSeats.contacts, mayor: digest('x') } } })),
  ],
  [
    'a policy with a seat that it does not call new',
    'new-seats',
    () => proposedSeat(({ bodies }) => ({ bodies: { ...bodies, shadow: { seats: ['one'] } } })),
  ],
  [
    'a policy adopted with other seats than were proposed',
    'policy-proposal',
    () =>
      reworded(adoptedAlone(), ({ bodies, newSeats }) => ({
        bodies: { ...bodies, shadow: { seats: ['one'] } },
        newSeats: { ...newSeats, bodies: { ...newSeats.bodies, shadow: { name: 'Shadow', seats: ['one'] } } },
      })),
  ],
  [
    'a policy adopted with another holder of its new seat than was proposed',
    'policy-proposal',
    () =>
      reworded(adoptedAlone(), ({ newSeats }) => ({
        newSeats: { ...newSeats, holders: newSeats.holders.map((each) => ({ ...each, id: 'puppet' })), contacts: {} },
      })),
  ],
  [
    'a policy under whose roster a person sits in two seats of a body',
    'roster-invalid',
    () =>
      proposedSeat(({ bodies, newSeats }) => ({
        bodies: { ...bodies, overseer: { seats: ['overseer', 'second'] } },
        newSeats: {
          ...newSeats,
          bodies: { overseer: { name: 'Overseer', seats: ['overseer', 'second'] } },
          holders: [...newSeats.holders, { ...newSeats.holders[0], seat: 'second' }],
        },
      })),
  ],
  [
    'a roster that follows from a policy with another mayor',
    'consequence',
    () =>
      followedBy((next) => ({
        ...next,
        holders: next.holders.map((each) => (each.seat === 'mayor' ? { ...each, id: 'puppet' } : each)),
      })),
  ],
  ['a roster that follows from a policy twice', 'other-policy', () => again(newSeat())],
  [
    'a roster that follows from a policy which is not in force',
    'other-policy',
    () => edited(adoptedAlone().followPolicy(day(13, '12:00:01.000')), (event) => ({ ...event, policy: 3 })),
  ],
  [
    'a roster that follows from a policy by the operator’s word',
    'actor',
    () => tampered(adoptedAlone().followPolicy(day(13, '12:00:01.000')), { actor: 'operator' }),
  ],
  [
    'a roster that follows from a policy which changes nothing in it',
    'roster-proposal',
    () => {
      const log = city();
      const { type, v, sha256, roster: same, contacts } = log.commits.find(({ stream }) => stream === 'roster')?.events[0] ?? {};
      const event = { type, v, at: day(1), number: 2, sha256, roster: same, contacts, by: 'policy', policy: 1 };
      return log.write('roster', [event], { at: day(1), actor: 'clock' });
    },
  ],
  [
    'a first roster that claims to follow from a policy',
    'number',
    () => edited(new Log().zone().setRoster(), (event) => ({ ...event, policy: 9 })),
  ],
  ['a signature in a seat that the policy in force lacks', 'not-in-office', signedInLostSeat],
  [
    'a first policy under which two could change the roster, and one of them alone could leave it locked',
    'too-few-confirmers',
    () => {
      const base = without(roster(), 'board-1', 'board-2', 'board-3', 'clerk', 'deputy-clerk');
      const rules = policy(rule([signature('mayor'), signature('auditor')]));
      const bodies = ruledBodies(base);
      const first = { ...proposed, number: 1, policy: rules, bodies, sha256: digest({ policy: rules, bodies }), at: day(-8) };
      return new Log()
        .zone()
        .setRoster(base)
        .write('policy', [{ ...first, by: { operator: true } }], OPERATOR(day(-8)));
    },
  ],
  [
    'a roster with a new mayor under which one person could lock it',
    'too-few-confirmers',
    () => {
      const next = without(few(), 'clerk', 'mayor');
      return city().proposeRoster({ ...next, holders: [...next.holders, term('mayor', 'mayor', { id: 'other-mayor' })] }, day(1));
    },
  ],
  [
    'a roster that ends the terms of all bodies but one',
    'too-few-confirmers',
    () => city().proposeRoster(without(few(), 'clerk', 'mayor'), day(1)),
  ],
];
