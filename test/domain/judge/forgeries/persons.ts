import { digestOf } from '../../../../domain/kernel/digest.ts';
import { byBallots, COUNCIL, council, mayor, roster, thirteenSeats } from '../../../support/fixtures/city.ts';

import { enteredBy } from '../../../support/fixtures/vendor.ts';
import { ballot, certify, day, notify, revoke, sign } from '../../feature/support.ts';
import { edited, of, tampered, withKey } from '../forger.ts';
import { city, type Log } from '../log.ts';
import { recordedRevocation as recorded } from '../recordedStories.ts';

import { actedAs, approved, type Forgery, keys, open, passed, withPasskeys } from './base.ts';

/** Returns the log with an approval at the end of its last commit. */
const andApproved = (log: Log): Log =>
  tampered(log, { events: [...log.last.events, { ...approved().last.events.at(-1), at: log.last.at, validUntil: null }] });

/** Forgeries by strangers, and by persons who count twice. */
export const PERSONS: readonly Forgery[] = [
  ['a stranger in the clerk’s seat', 'not-in-office', () => actedAs(passed(), 'stranger', 'clerk')],
  ['a stranger in the mayor’s seat', 'not-in-office', () => actedAs(approved(), 'stranger', 'mayor')],
  [
    'a member in a seat that is another’s',
    'not-in-office',
    () =>
      edited(city(byBallots).feat(notify(day(0), 1), ballot(day(1), 1, 'district-1')), of('BallotCast', { seat: 'district-2' })),
  ],
  ['in the clerk’s name, by the operator', 'actor', () => tampered(passed(), { actor: 'operator' })],
  [
    'seats missing',
    'roll-call',
    () =>
      edited(passed(), (event) =>
        'roll' in event ? { ...event, roll: (event['roll'] as object[]).slice(0, 7) as never } : event,
      ),
  ],
  [
    'a voter who held no seat',
    'roll-call',
    () =>
      edited(passed(), (event) =>
        'roll' in event
          ? {
              ...event,
              roll: (event['roll'] as { seat: string }[]).map((each) =>
                each.seat === 'district-1' ? { ...each, holder: 'stranger' } : each,
              ) as never,
            }
          : event,
      ),
  ],
  [
    'a threshold lowered in the tally',
    'tally',
    () => edited(passed(), of('VoteCertified', { tally: { yes: 7, no: 2, present: 9, of: 13, needed: 3 } })),
  ],
  [
    'more yes than in the roll call',
    'tally',
    () => edited(passed(), of('VoteCertified', { tally: { yes: 9, no: 0, present: 9, of: 13, needed: 7 } })),
  ],
  [
    'a threshold lowered in the pinned rule',
    'pinned',
    () =>
      edited(open(), (event) => ({
        ...event,
        pinned: { ...(event['pinned'] as object), require: [council({ threshold: { yes: 1, of: 'seats' } }), mayor()] },
      })),
  ],
  ['no rule pinned', 'pinned', () => edited(open(), of('ChangeNotified', { pinned: null }))],
  [
    'an approval by one of two bodies, though many acted in it',
    'order',
    () => andApproved(city(byBallots).feat(notify(day(0), 1), ...COUNCIL.slice(0, 7).map((seat) => ballot(day(1), 1, seat)))),
  ],
  [
    'a mayor who voted in the council',
    'same-person',
    () => {
      const moved = roster({ 'district-1': { id: 'mayor' } });
      const voted = city(thirteenSeats, moved).feat(notify(day(0), 1), certify(day(10), 1));
      const signing = city().feat(notify(day(0), 1), certify(day(10), 1), sign(day(11), 1)).last;
      return voted.write('feature/acme', signing.events, signing);
    },
  ],
  [
    'a clerk who signs as the mayor',
    'same-person',
    () => {
      const same = roster({ mayor: { id: 'clerk' } });
      const voted = city(thirteenSeats, same).feat(notify(day(0), 1), certify(day(10), 1));
      return voted.write(
        'feature/acme',
        approved().last.events.map((event) => ('holder' in event ? { ...event, holder: 'clerk' } : event)),
        { at: day(11), actor: 'holder:clerk' },
      );
    },
  ],
  [
    'one person in two seats',
    'same-person',
    () => {
      const moved = roster({ 'district-2': null });
      const twice = city(byBallots, moved)
        .feat(notify(day(0), 1), ballot(day(1), 1, 'district-1'))
        .adoptRoster(roster({ 'district-1': null, 'district-2': { id: 'district-1' } }), day(3));
      const cast = twice.commits.find(({ stream, version }) => stream === 'feature/acme' && version === 2)?.events[0];
      return twice.write('feature/acme', [{ ...cast, at: day(5), seat: 'district-2', roster: 2 }], {
        at: day(5),
        actor: 'holder:district-1',
      });
    },
  ],
  [
    'the official who entered the notice',
    'same-person',
    () => {
      const entered = city()
        .token('desk', 'mayor')
        .feat(notify(day(0), 1, { provenance: enteredBy('mayor', day(0)) }), certify(day(10), 1));
      return entered.write('feature/acme', approved().last.events, { at: day(11), actor: 'holder:mayor' });
    },
  ],
];

const BY_MAYOR = { at: day(20), actor: 'holder:mayor' };
const left = () => approved().adoptRoster(roster({ mayor: { id: 'newcomer', name: 'Somebody new' } }), day(22));

/** Forgeries of revocations that are recorded beside their feature. */
export const RECORDED: readonly Forgery[] = [
  ['by a stranger', 'not-in-office', () => approved().write('revocation', [recorded({ seat: 'deputy' })], BY_MAYOR)],
  ['in the mayor’s name', 'actor', () => approved().write('revocation', [recorded()], { at: day(20), actor: 'operator' })],
  [
    'recorded twice',
    'already-decided',
    () => approved().write('revocation', [recorded()], BY_MAYOR).write('revocation', [recorded()], BY_MAYOR),
  ],
  [
    'brought into the feature by one who has left, and recorded nowhere',
    'not-in-office',
    () => left().feat(revoke(day(30), 1, { recorded: { seat: 'mayor' } })),
  ],
  [
    'brought into the feature with a reason that was not recorded',
    'not-in-office',
    () =>
      approved()
        .write('revocation', [recorded()], BY_MAYOR)
        .adoptRoster(roster({ mayor: { id: 'newcomer', name: 'Somebody new' } }), day(22))
        .feat(revoke(day(30), 1, { reason: digestOf('another'), recorded: { seat: 'mayor' } })),
  ],
];

/** Forgeries with a passkey that is missing, another person’s, or over other contents. */
export const PASSKEYS: readonly Forgery[] = [
  [
    'no passkey where one is required',
    'passkey-missing',
    () => withPasskeys().write('feature/acme', passed().last.events, passed().last),
  ],
  [
    'a passkey under another decision',
    'passkey',
    () =>
      edited(
        withPasskeys().feat(withKey(certify(day(10), 1), 'clerk', keys.clerk)),
        of('VoteCertified', { seconder: 'district-3' }),
      ),
  ],
  [
    'one public key for two persons',
    'passkey-shared',
    () => withPasskeys().feat(withKey(certify(day(10), 1), 'clerk', keys.clerk), withKey(sign(day(11), 1), 'mayor', keys.clerk)),
  ],
];
