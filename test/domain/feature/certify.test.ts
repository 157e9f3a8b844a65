import { describe, expect, test } from 'vitest';
import type { Certify } from '../../../domain/feature/commands.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import { ruledBodies } from '../../../domain/roster/bodies.ts';
import { boardVote, COUNCIL, council, mayor, policy, roster, rule, term } from '../../support/fixtures/city.ts';
import { given } from '../../support/given.ts';
import { feature, notified, tell, vetoed } from './story.ts';
import { boardRoll, certify, date, day, inForce, justBefore, notify, rollOf, withdraw, wordsOf } from './support.ts';

/** Computes the name of an act independently from the certificate's contents. */
const actOf = ({ at: _at, zone: _zone, roster: _roster, policy: _policy, ...contents }: Certify): string =>
  digestOf(canonical({ ...contents, votes: { ...contents.votes }, pin: '1/everything-else' })).slice(7, 23);

const lateCouncil = policy(rule([council({ after: ['board'] }), boardVote(), mayor()]));

describe('an adopting vote', () => {
  test('is recorded whole, meets its requirement and opens what comes after it', () => {
    const command = certify(day(10), 1);
    given(feature, ...notified().events)
      .when(command)
      .then(
        {
          type: 'VoteCertified',
          v: 1,
          at: day(10),
          change: 1,
          revision: 1,
          digest: wordsOf(1),
          requirement: 'council',
          act: actOf(command),
          comment: null,
          purpose: 'adopt',
          holder: 'clerk',
          seat: 'clerk',
          roster: 1,
          fileNumber: '26-0101',
          meetingDate: date(10),
          mover: 'district-1',
          seconder: null,
          roll: COUNCIL.map((seat, index) => ({ seat, holder: seat, vote: index < 7 ? 'yes' : index < 9 ? 'no' : 'absent' })),
          tally: { yes: 7, no: 2, present: 9, of: 13, needed: 7 },
          minutesUrl: null,
          minutesSha256: null,
          terms: NO_TERMS,
        },
        {
          type: 'RequirementMet',
          v: 1,
          at: day(10),
          change: 1,
          requirement: 'council',
          opens: [{ requirement: 'mayor', deadlineAt: day(15), overrideUntil: day(45) }],
        },
      );
  });

  test('below its threshold refuses the change', () => {
    notified()
      .goes(certify(day(10), 1, { votes: rollOf(6, 3) }), 'VoteCertified', 'ChangeRefused')
      .is('refused', day(10))
      .refuses(certify(day(11), 1), 'closed');
  });

  test('is refused without a quorum', () => {
    notified()
      .refuses(certify(day(10), 1, { votes: rollOf(6) }), 'no-quorum', '/vote')
      .is('pending', day(10));
  });

  test('of a change that does not exist, is closed, or has other words by now is refused', () => {
    notified()
      .refuses(certify(day(10), 2), 'unknown-change')
      .refuses(certify(day(10), 0), 'unknown-change')
      .refuses(certify(day(10), 1, { revision: 2 }), 'stale', '/revision')
      .refuses(certify(day(10), 1, { digest: wordsOf(2) }), 'stale', '/digest')
      .refuses(certify(day(90), 1), 'closed')
      .then(withdraw(day(9), 1))
      .refuses(certify(day(10), 1), 'closed');
  });

  test('of a body that the rule does not ask is refused', () => {
    notified()
      .refuses(certify(day(10), 1, { requirement: 'board' }), 'unknown-requirement')
      .refuses(certify(day(10), 1, { requirement: 'mayor' }), 'unknown-requirement')
      .refuses(certify(day(10), 1, { requirement: 'constructor' }), 'unknown-requirement');
  });

  test('is certified only by the present holder of the certifying office', () => {
    const gone = { number: 2, roster: roster({ clerk: { to: date(9) } }) };
    notified()
      .refuses(certify(day(10), 1, { holder: 'district-1' }), 'not-in-office')
      .refuses(certify(day(10), 1, { roster: null }), 'not-in-office')
      .refuses(certify(day(10), 1, { roster: gone }), 'not-in-office')
      .yields(certify(day(9, '23:59:59.999'), 1, { roster: gone }), 'VoteCertified', 'RequirementMet')
      .yields(certify(day(10), 1, { roster: gone, holder: 'deputy-clerk' }), 'VoteCertified', 'RequirementMet');
  });

  test('needs a file number', () => {
    notified().refuses(certify(day(10), 1, { fileNumber: '' }), 'file-number-missing', '/fileNumber');
  });

  test('is taken at a meeting that was held', () => {
    notified()
      .refuses(certify(day(10), 1, { meetingDate: date(11) }), 'meeting-in-future', '/meetingDate')
      .yields(certify(day(12), 1, { meetingDate: date(10) }), 'VoteCertified', 'RequirementMet');
  });

  test('is taken once the words were public for the notice of the rule; the same local day is early enough', () => {
    notified()
      .refuses(certify(day(10), 1, { meetingDate: date(6) }), 'meeting-before-revision', '/meetingDate')
      .yields(certify(day(10), 1, { meetingDate: date(7) }), 'VoteCertified', 'RequirementMet')
      .yields(certify(day(7, '09:00:00.000'), 1), 'VoteCertified', 'RequirementMet');
  });

  test('is recorded before the window ends, not at its last instant', () => {
    notified()
      .refuses(certify(day(90), 1, { meetingDate: date(80) }), 'closed')
      .yields(certify(justBefore(day(90)), 1, { meetingDate: date(80) }), 'VoteCertified', 'RequirementMet');
  });

  test('comes in its order', () => {
    const rules = { policy: inForce(lateCouncil) };
    tell(notify(day(0), 1, rules))
      .refuses(certify(day(10), 1, rules), 'not-yet')
      .then(certify(day(10), 1, { ...rules, requirement: 'board', votes: boardRoll(2) }))
      .yields(certify(day(10), 1, rules), 'VoteCertified', 'RequirementMet');
  });

  test('counts seats that a later policy takes away, where the rule is a share of the seats', () => {
    const few = COUNCIL.slice(0, 9);
    const all = { policy: { number: 1, policy: policy(rule([council(), mayor()])), bodies: ruledBodies(roster()) } };
    const { bodies, holders } = roster();
    const small = {
      bodies: { ...bodies, council: { name: 'City Council', seats: [...few], attestedBy: 'clerk' } },
      holders: holders.filter(({ body, seat }) => body !== 'council' || few.some((each) => each === seat)),
    };
    const later = { policy: { ...all.policy, number: 2, bodies: ruledBodies(small) }, roster: { number: 2, roster: small } };
    const pinned = tell(notify(day(0), 1, all));
    expect(pinned.events[0]).toMatchObject({ pinned: { require: [{ id: 'council', seats: 13 }, { id: 'mayor' }] } });
    const votes = (yes: number) => ({ ...later, votes: rollOf(yes, few.length - yes, {}, few) });
    expect(pinned.goes(certify(day(10), 1, votes(6)), 'VoteCertified', 'ChangeRefused').events.at(-2)).toMatchObject({
      tally: { yes: 6, no: 3, present: 9, of: 13, needed: 7 },
    });
    pinned.yields(certify(day(10), 1, votes(7)), 'VoteCertified', 'RequirementMet');
    expect(tell(notify(day(0), 1, later)).events[0]).toMatchObject({ pinned: { require: [{ seats: 9 }, {}] } });
  });

  test('is taken once', () => {
    notified()
      .then(certify(day(10), 1))
      .refuses(certify(day(11), 1, { fileNumber: '26-0102' }), 'already-decided');
  });

  test('cannot be taken while a veto stands', () => {
    vetoed().refuses(certify(day(12), 1), 'vetoed');
  });
});

test('a certificate of a policy that names no seats of the roster is refused', () => {
  const other = {
    roster: { number: 2, roster: { bodies: { clerk: { name: 'Clerk', seats: ['clerk'] } }, holders: [term('clerk', 'clerk')] } },
  };
  notified().refuses(certify(day(10), 1, other), 'not-in-office');
});
