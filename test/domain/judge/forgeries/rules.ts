import type { FeatureCommand } from '../../../../domain/feature/decide.ts';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import type { Policy } from '../../../../domain/policy/schema.ts';
import { type NewSeats, ruledBodies } from '../../../../domain/roster/bodies.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { COUNCIL, council, policy, roster, rule, signature, term, thirteenSeats } from '../../../support/fixtures/city.ts';
import { UNCHANGED } from '../../../support/fixtures/vendor.ts';
import { adoption, certify, date, day, notify, repin, revoke, rollOf, sign } from '../../feature/support.ts';
import { approvedPolicy, newMember, newSeat, otherPolicy, overseen, withOverseer } from '../cityStories.ts';
import { digest, edited } from '../forger.ts';
import { CLERK, city, Log, MEMBER } from '../log.ts';
import { recordedRevocation } from '../recordedStories.ts';
import { approved, by, edit, type Forgeries, graft, later, type Make, open, VOTED, wrote } from './base.ts';

const proposed = (acts?: readonly FeatureCommand[]) => approvedPolicy(city().proposePolicy(other, day(1)), acts);
const adopts = (policy: Policy, bodies: ReturnType<typeof ruledBodies>, more: JsonObject): JsonObject => ({
  type: 'PolicyAdopted',
  v: 1,
  sha256: digest({ policy, bodies }),
  ...({ policy, bodies } as unknown as JsonObject),
  ...more,
});
const otherInForce = (log: Log) =>
  approvedPolicy(log.proposePolicy(other, day(12)), adoption(1, {}, 12), 1, day(12)).adoptProposed(day(25));
const announcedAs = (facts: JsonObject) => () =>
  edited(proposed([]), (event) => ({ ...event, notice: { ...(event['notice'] as JsonObject), ...facts } }));
const OPERATOR = { operator: true };
const other: Policy = { ...thirteenSeats, version: 'other' };
/** The second policy, adopted on day 5. */
const second = (granted: JsonObject): JsonObject => adopts(other, ruledBodies(roster()), { number: 2, at: day(5), by: granted });
const byChange = second({ change: 'aldergate.policy/1', revision: 1 });

const switchedOff = recordedRevocation({ key: 'aldergate.policy', at: day(12, '18:00:00.000') });

/** The operator adopts a first policy that no check let through, for a city with this roster. */
const firstPolicy = (adopted: Policy, base = roster(), bodies = ruledBodies(base)) =>
  wrote(() => new Log().zone().setRoster(base), 'policy', adopts(adopted, bodies, { number: 1, at: day(-8), by: OPERATOR }));

const rulesOf = (count: number): Policy =>
  policy(
    ...Array.from({ length: count }, (_, index) => rule(VOTED, { id: `rule-${index}`, when: { kind: ['update'] } })),
    rule(VOTED),
  );
const GALLERY = { name: 'Gallery', seats: Array.from({ length: 90 }, (_, index) => `${index}`.padStart(60, '0')) };
const lockedBy = (...rules: Parameters<typeof rule>) => firstPolicy(policy(rule(...rules)));

const newMemberConfirmed = () => city().adoptRoster(roster({ 'district-1': { name: 'Member with another name' } }), day(2));

const ADOPTIONS: Forgeries = {
  'second-operator': {
    'a second roster by the operator': wrote(city, 'roster', {
      ...new Log().zone().setRoster(roster({ mayor: { id: 'somebody' } }), day(1)).last.events[0],
      number: 2,
    }),
    'a second policy by the operator': wrote(city, 'policy', second(OPERATOR)),
  },
  'other-roster': {
    'a first policy before any roster': wrote(
      () => new Log().zone(),
      'policy',
      adopts(thirteenSeats, ruledBodies(roster()), { number: 1, at: day(-8), by: OPERATOR }),
    ),
    'a roster that had been replaced': graft(
      () => newMember().feat(notify(day(20), 1)),
      () => city().feat(notify(day(20), 1), certify(day(30), 1)),
    ),
  },
  consequence: {
    'a confirmation that adopts another roster': edit(newMemberConfirmed, 'RosterAdopted', { contacts: {} }),
  },
  'roster-proposal': {
    'a confirmation of what was not proposed': graft(city, newMemberConfirmed),
  },
  'roster-invalid': {
    'a roster with a seat that no body has': () => {
      const content = { roster: withBodies({}, term('council', 'nowhere')) as unknown as JsonObject, contacts: {} };
      return edit(() => new Log().zone().setRoster(), 'RosterAdopted', { ...content, sha256: digest(content) })();
    },
  },
  digest: {
    'a roster under another digest': edit(() => new Log().zone().setRoster(), 'RosterAdopted', { contacts: {} }),
    'another policy than was approved, under its digest': edit(() => proposed().adoptProposed(day(13)), 'PolicyAdopted', {
      policy: { ...other, version: 'third' },
    }),
  },
  actor: {
    'an approved policy that the operator adopts': by(() => proposed().adoptProposed(day(13)), 'operator'),
    'an announced policy that an official announces': by(() => proposed([]), 'holder:mayor'),
  },
  closed: {
    'another policy pinned to what is approved': graft(
      () => otherInForce(approved()),
      () => otherInForce(open()).feat(repin(day(26))),
    ),
  },
  'policy-not-approved': {
    'a policy that no change approved': wrote(() => city().proposePolicy(other, day(1)), 'policy', byChange, 'clock'),
    'a policy that is adopted before its change was approved': wrote(proposed, 'policy', byChange, 'clock'),
    'a policy that is adopted a second time by one approval': wrote(
      () => otherPolicy().proposePolicy(other, day(20)),
      'policy',
      { ...byChange, number: 3, at: day(21) },
      'clock',
    ),
    'a policy whose approval had run out, which nobody recorded': wrote(
      () => proposed(adoption(1, { terms: { ...NO_TERMS, until: day(20) } }, 1)),
      'policy',
      { ...byChange, at: day(30) },
      'clock',
    ),
    'a policy that gave way to one that waited, which nobody recorded': wrote(
      () =>
        approvedPolicy(
          proposed().proposePolicy({ ...other, version: 'third' }, day(12)),
          adoption(2, { terms: { ...NO_TERMS, from: day(40) } }, 13),
          2,
          day(13),
        ),
      'policy',
      { ...byChange, at: day(60) },
      'clock',
    ),
    'a policy that the one in force had replaced': () => {
      const third = proposed().proposePolicy({ ...other, version: 'third' }, day(12));
      const log = approvedPolicy(third, adoption(2, {}, 13), 2, day(13)).adoptProposed(day(24), 'aldergate.policy/2');
      return wrote(() => log, 'policy', { ...byChange, number: 3, at: day(24, '12:04:00.000') }, 'clock')();
    },
    'a policy whose approval was switched off while its feature could not be read': wrote(
      () => proposed().write('revocation', [switchedOff], { at: switchedOff.at, actor: 'holder:mayor' }),
      'policy',
      { ...byChange, at: day(13) },
      'clock',
    ),
    'a policy that is dated before its approval was revoked': () =>
      wrote(
        () => proposed().on('aldergate.policy', revoke(day(13), 1, { requirement: 'mayor' })),
        'policy',
        { ...byChange, at: day(12, '12:01:00.000') },
        'clock',
      )(),
    'a policy whose approval was revoked before': () => {
      const log = otherPolicy();
      const [adoption] = log.commits.splice(log.commits.findIndex(({ stream, version }) => stream === 'policy' && version > 2));
      log.on('aldergate.policy', revoke(day(12, '18:00:00.000'), 1, { requirement: 'mayor' }));
      return log.write('policy', adoption?.events ?? [], { at: day(13), actor: 'clock' });
    },
  },
  pinned: {
    'rules that run out by a term': () =>
      edited(proposed([]), (event) => ({ ...event, pinned: { ...(event['pinned'] as object), term: 'P1Y' } })),
  },
  'approval-end': { 'an end of rules': edit(proposed, 'ChangeApproved', { validUntil: day(376) }) },
  'policy-proposal': {
    'a policy that was not proposed': wrote(city, 'policy', byChange, 'clock'),
    'a vote on a policy that nobody could read when it was announced': () => {
      const log = proposed([certify(day(11), 1)]);
      const [[words], [vote]] = [log.commits.splice(-3, 1), log.commits.splice(-1)];
      log.write('policy', [{ ...words?.events[0], at: day(2) }], { at: day(2), actor: 'operator' });
      return log.write('feature/aldergate.policy', vote?.events ?? [], { at: day(11), actor: 'holder:clerk' });
    },
    // Another rule may bind it, or it may run or end by a date.
    'a policy announced as an update': announcedAs({ kind: 'update' }),
    'a policy announced as changing nothing': announcedAs({ impact: UNCHANGED as JsonObject }),
    'a policy that takes effect by itself': announcedAs({ optOut: 'no' }),
    'a policy announced for a day': announcedAs({ effectiveAt: day(20) }),
    'a policy that ends by itself': announcedAs({ endsAt: day(20) }),
  },
  // test/domain/judge/statedTwice asks the judge about every policy that the gate refuses.
  'policy-locked': {
    'a policy whose window ends before its notice': lockedBy(VOTED, { notice: 'P30D', window: 'P7D' }),
    'a policy that asks for more votes than seats': lockedBy([...VOTED, council({ id: 'again' })]),
    'a policy that asks one seat for two persons': lockedBy([signature('mayor'), signature('mayor', { id: 'again' })]),
    'a policy whose clerk certifies and signs twice': lockedBy([council(), signature('clerk'), signature('clerk', { id: 'b' })]),
  },
  'policy-invalid': {
    'a policy that one person fills': firstPolicy(policy(rule([signature('mayor')]))),
    'a policy that is too long': firstPolicy(rulesOf(32)),
  },
};

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
const withoutSeats = (body: string, ...gone: readonly string[]) => {
  const { bodies, holders } = roster();
  const seats = (bodies[body]?.seats ?? []).filter((seat) => !gone.includes(seat));
  const left = { ...bodies, [body]: { ...bodies[body], seats } } as Roster['bodies'];
  return { bodies: left, holders: holders.filter(({ seat }) => !gone.includes(seat)) };
};

/** The policy with the new seat: proposed, approved and adopted, without the roster that follows. */
const overseerProposed = () => city().proposePolicy(overseen, day(1), withOverseer());
const adoptedAlone = () => approvedPolicy(overseerProposed()).adoptProposed(day(13));
const followed = () => adoptedAlone().followPolicy(day(13, '12:00:01.000'));

/** The auditor’s signature at an instant, after a policy of day 13 has taken the auditor’s seat away. */
const bySeatTakenAway = (at: string) => () => {
  const open = () => city(policy(rule([...VOTED, signature('auditor')]))).feat(notify(day(0), 1));
  const audited = { requirement: 'auditor', holder: 'auditor' };
  const next = { ...thirteenSeats, version: 'without auditor', rules: [rule(VOTED)] };
  const acts = [certify(day(11), 1), sign(day(12), 1), sign(day(12), 1, audited)];
  const log = approvedPolicy(open().proposePolicy(next, day(1), withoutAuditor()), acts).adoptProposed(day(13));
  return graft(
    () => log,
    () => open().feat(sign(at, 1, audited)),
  )();
};

/** A majority of those present decides, and a policy of day 13 takes four seats away, which had said no. */
const present = policy(rule([council({ threshold: { yes: 'majority', of: 'present' }, quorum: 3 }), signature('mayor')]));
const [NINE, few] = [COUNCIL.slice(0, 9), withoutSeats('council', ...COUNCIL.slice(9))];
export const openTo = (base = roster()) => city(present, base).feat(notify(day(0), 1));
export const shrunk = (): Log =>
  approvedPolicy(openTo().proposePolicy({ ...present, version: 'few' }, day(1), few)).adoptProposed(day(13));
export const heldOn = (n: number) => certify(day(14), 1, { meetingDate: date(n), votes: rollOf(6, 3, {}, NINE) });

interface Seats {
  readonly bodies: Readonly<Record<string, { readonly seats: readonly string[] }>>;
  readonly newSeats: NewSeats;
}
/** What a policy's event says of seats, edited, with the digest that fits. */
const reseated = (make: Make, edit: (content: Seats) => { readonly bodies?: object; readonly newSeats?: object }) => () =>
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
const SEATS: Forgeries = {
  'policy-invalid': {
    'a policy that is too long with the seats of its bodies': firstPolicy(rulesOf(25), withBodies({ gallery: GALLERY })),
  },
  actor: {
    'a roster that follows from a policy by the operator': by(followed, 'operator'),
  },
  'roll-call': {
    'a vote that was lost by seats that a policy took away since': graft(shrunk, () => openTo(few).feat(heldOn(12))),
  },
  'new-seats': {
    'a first policy with other seats than the roster in force': firstPolicy(other, roster(), ruledBodies(puppets)),
    'a policy that also swaps the holder of a seat that there is': reseated(overseerProposed, adding({}, PUPPET)),
    'a first policy that brings holders': reseated(
      () => new Log().zone().setRoster().adopt(),
      () => ({ newSeats: { bodies: { mayor: { name: 'Mayor', seats: ['mayor'] } }, holders: [PUPPET], contacts: {} } }),
    ),
    'a policy that brings a seat which it does not have': reseated(overseerProposed, adding(SHADOW)),
    'a policy that brings the address of somebody in another seat': reseated(overseerProposed, ({ newSeats }) => ({
      newSeats: { ...newSeats, contacts: { ...newSeats.contacts, 'board-1': newSeats.contacts['overseer'] } },
    })),
  },
  'policy-proposal': {
    'a policy adopted with other seats than were proposed': reseated(adoptedAlone, (content) => ({
      ...withShadow(content),
      ...adding(SHADOW)(content),
    })),
    'a policy adopted with another holder of its new seat than was proposed': reseated(adoptedAlone, ({ newSeats }) => ({
      newSeats: { ...newSeats, holders: newSeats.holders.map((each) => ({ ...each, id: 'puppet' })), contacts: {} },
    })),
  },
  'roster-invalid': {
    'a policy under whose roster a person sits in two seats of a body': reseated(overseerProposed, ({ bodies, newSeats }) => ({
      bodies: { ...bodies, overseer: { seats: ['overseer', 'second'] } },
      newSeats: {
        ...newSeats,
        bodies: { overseer: { name: 'Overseer', seats: ['overseer', 'second'] } },
        holders: newSeats.holders.flatMap((each) => [each, { ...each, seat: 'second' }]),
      },
    })),
  },
  consequence: {
    'a roster that follows from a policy with another mayor': () =>
      edited(followed(), (event) => {
        const { bodies, holders } = event['roster'] as unknown as Roster;
        const next = { bodies, holders: holders.map((each) => (each.seat === 'mayor' ? { ...each, id: 'puppet' } : each)) };
        return { ...event, roster: next, sha256: digest({ roster: next, contacts: event['contacts'] }) };
      }),
  },
  'other-policy': {
    'a roster that follows from a policy twice': () => {
      const log = newSeat();
      const [event] = log.commits.findLast(({ stream }) => stream === 'roster')?.events ?? [];
      return wrote(() => log, 'roster', { ...event, at: day(20), number: 3 }, 'clock')();
    },
    'a roster that follows from a policy, in place of one confirmed since': () => {
      const [event] = followed().last.events;
      const log = adoptedAlone();
      const confirmed = log.adoptRoster(withOverseer('somebody'), day(20));
      return wrote(() => confirmed, 'roster', { ...event, at: day(30), number: 3 }, 'clock')();
    },
    'a roster that follows from a policy before it was in force': later(followed, day(12)),
    'a roster that follows from a policy which is not in force': edit(followed, 'RosterAdopted', { policy: 3 }),
  },
  'roster-proposal': {
    'a roster that follows from a policy which changes nothing in it': () => {
      const same = city().commits.find(({ stream }) => stream === 'roster')?.events[0];
      return wrote(city, 'roster', { ...same, at: day(1), number: 2, by: 'policy', policy: 1 }, 'clock')();
    },
  },
  number: {
    'a roster that follows from a policy, under a number that is not the next': edit(followed, 'RosterAdopted', { number: 3 }),
    'a first roster that claims to follow from a policy': edit(() => new Log().zone().setRoster(), 'RosterAdopted', {
      policy: 9,
    }),
  },
  'not-in-office': {
    'a signature in a seat that another policy has taken away, before the roster follows': bySeatTakenAway(day(20)),
    'the same that enters the log late, dated before': bySeatTakenAway(day(12)),
  },
  'roster-confirmer': {
    'a confirmation from a seat that another policy has taken away, dated before': () => {
      const MEMBER = { holder: 'district-9', body: 'council', seat: 'district-9' };
      const waiting = () =>
        city()
          .proposeRoster(roster({ mayor: { id: 'puppet' } }), day(0))
          .confirmRoster(CLERK, day(1));
      const log = waiting().proposePolicy(other, day(1), withoutSeats('council', 'district-9'));
      return graft(
        () => approvedPolicy(log).adoptProposed(day(13)),
        () => waiting().confirmRoster(MEMBER, day(12)),
      )();
    },
  },
  'too-few-confirmers': {
    'a roster that ends the terms of all bodies but one': () => city().proposeRoster(inSeats('district-1', 'district-2'), day(1)),
  },
  'seats-are-rules': {
    'a roster confirmed without the seats that a policy brought since it was proposed': () => {
      const waiting = () =>
        city()
          .proposeRoster(roster({ mayor: { id: 'other-mayor' } }), day(0))
          .confirmRoster(CLERK, day(1));
      const log = waiting().proposePolicy(overseen, day(1), withOverseer());
      return graft(
        () => approvedPolicy(log).adoptProposed(day(13)),
        () => waiting().confirmRoster(MEMBER, day(13, '13:00:00.000')),
      )();
    },
    'a roster with a body of its own': () => city().proposeRoster(withBodies(SHADOW), day(1)),
  },
};

const proposedAgain = (): JsonObject => {
  const { number: _number, by: _by, ...content } = city().commits.find(({ stream }) => stream === 'policy')?.events[0] ?? {};
  return { ...content, type: 'PolicyProposed', at: day(1) };
};
const twoMayors = withBodies({}, term('mayor', 'mayor', { id: 'second' }));

/** Proposals of what is in force, of what could not be, and before anything is. */
const PROPOSED: Forgeries = {
  'policy-proposal': {
    'a proposal of the policy that is in force': wrote(city, 'policy', proposedAgain()),
    'a proposal of a policy before the first is in force': wrote(() => new Log().zone().setRoster(), 'policy', proposedAgain()),
  },
  'roster-invalid': {
    'a proposal of a roster in which two hold one seat': () =>
      edited(city().proposeRoster(roster({ mayor: { id: 'another' } }), day(1)), (event) => {
        const named: JsonObject = { ...(event['subject'] as JsonObject), roster: twoMayors };
        return { ...event, subject: named, sha256: digest({ roster: twoMayors, contacts: named['contacts'] }) };
      }),
  },
};

export const RULES: readonly Forgeries[] = [ADOPTIONS, SEATS, PROPOSED];
