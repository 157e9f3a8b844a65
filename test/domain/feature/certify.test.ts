import { describe, expect, test } from 'vitest';
import type { Certify } from '../../../domain/feature/commands.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import { ruledBodies } from '../../../domain/roster/bodies.ts';
import { boardVote, COUNCIL, council, mayor, policy, roster, rule, term } from '../../support/fixtures/city.ts';
import { given } from '../../support/given.ts';
import { approved, feature, notified, tell, vetoed } from './story.ts';
import {
  boardRoll,
  certify,
  correct,
  date,
  day,
  inForce,
  justBefore,
  notify,
  override,
  refuse,
  revoke,
  rollOf,
  sign,
  tick,
  withdraw,
  wordsOf,
} from './support.ts';

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

describe('a correction', () => {
  test('that still holds changes nothing else', () => {
    const story = approved().goes(correct(day(20), 1, { meetingDate: date(10), votes: rollOf(8, 1) }), 'VoteCertified');
    story.is('enabled', day(20));
  });

  test('that no longer holds puts an approval off at once, whether votes or a quorum are lost', () => {
    for (const votes of [rollOf(6, 3), rollOf(6)]) {
      approved()
        .yields(correct(day(20), 1, { meetingDate: date(10), votes }), 'VoteCertified', 'ApprovalEnded')
        .then(correct(day(20), 1, { meetingDate: date(10), votes }))
        .is('revoked', day(20))
        .refuses(correct(day(21), 1, { meetingDate: date(10) }), 'closed');
    }
  });

  test('that no longer holds refuses a change that is still open', () => {
    notified()
      .then(certify(day(10), 1))
      .yields(correct(day(11), 1, { meetingDate: date(10), votes: rollOf(6) }), 'VoteCertified', 'ChangeRefused')
      .then(correct(day(11), 1, { meetingDate: date(10), votes: rollOf(6, 4) }))
      .is('refused', day(11));
  });

  test('that shows a voter who counts elsewhere loses the approval', () => {
    const acting = { roster: { number: 2, roster: roster({ mayor: { id: 'district-1' } }) } };
    notified(acting)
      .then(
        certify(day(10), 1, { ...acting, votes: rollOf(8, 2, { 'district-1': 'absent' }) }),
        sign(day(11), 1, { ...acting, holder: 'district-1' }),
      )
      .yields(correct(day(12), 1, { ...acting, meetingDate: date(10) }), 'VoteCertified', 'ApprovalEnded');
  });

  test('by a clerk who takes part in the change is refused', () => {
    const clerkly = { roster: { number: 2, roster: roster({ clerk: { id: 'mayor' } }) } };
    approved().refuses(
      correct(day(20), 1, { ...clerkly, holder: 'mayor', meetingDate: date(10), votes: rollOf(6, 1) }),
      'same-person',
    );
  });

  test('of the vote that overturned a veto is held to its size', () => {
    const overridden = vetoed()
      .then(override(day(20), 1))
      .confirms(day(20), 1);
    overridden
      .yields(correct(day(22), 1, { meetingDate: date(20), votes: rollOf(8, 1) }), 'VoteCertified', 'ApprovalEnded')
      .yields(correct(day(22), 1, { meetingDate: date(20), votes: rollOf(9, 4) }), 'VoteCertified')
      .yields(correct(day(22), 1, { meetingDate: date(10), votes: rollOf(7, 1) }), 'VoteCertified')
      .yields(correct(day(22), 1, { meetingDate: date(10), votes: rollOf(6, 1) }), 'VoteCertified', 'ApprovalEnded');
    // The day of the meeting can be what was wrong.
    overridden
      .yields(correct(day(22), 1, { meetingDate: date(19), votes: rollOf(8, 1) }), 'VoteCertified', 'ApprovalEnded')
      .yields(correct(day(22), 1, { meetingDate: date(19), votes: rollOf(9, 4) }), 'VoteCertified');
    const sameDay = notified()
      .then(certify(day(10), 1), refuse(day(10, '13:00:00.000'), 1), override(day(10, '14:00:00.000'), 1))
      .confirms(day(10, '15:00:00.000'), 1);
    const falls = correct(day(12), 1, { meetingDate: date(10), votes: rollOf(8, 1) });
    sameDay.yields(falls, 'VoteCertified', 'ApprovalEnded');
    // A day that two votes shared stays the second one's when its record names another.
    const moved = correct(day(11), 1, { meetingDate: date(11), votes: rollOf(9, 1) });
    sameDay.goes(moved, 'VoteCertified').yields(falls, 'VoteCertified', 'ApprovalEnded');
  });

  test('needs a vote that was certified, and the terms that stand', () => {
    notified().refuses(correct(day(10), 1), 'nothing-to-correct', '/purpose');
    approved()
      .refuses(correct(day(20), 1, { meetingDate: date(10), terms: { ...NO_TERMS, audience: ['Police'] } }), 'other-terms')
      .refuses(correct(day(20), 1, { meetingDate: date(21) }), 'meeting-in-future')
      .refuses(correct(day(20), 1, { meetingDate: date(3) }), 'meeting-before-revision');
  });

  test('comes too late once the approval was revoked, expired or replaced', () => {
    approved()
      .then(revoke(day(20), 1))
      .refuses(correct(day(21), 1, { meetingDate: date(10) }), 'closed');
    approved().refuses(correct(day(400), 1, { meetingDate: date(10) }), 'closed');
    approved()
      .then(notify(day(20), 2), certify(day(30), 2), sign(day(31), 2), tick(day(32)))
      .refuses(correct(day(33), 1, { meetingDate: date(10) }), 'closed');
  });
});

describe('a roll call', () => {
  const without = (seat: string) => Object.fromEntries(Object.entries(rollOf(9)).filter(([name]) => name !== seat));

  test.each([
    ['lacks a seat', without('at-large-b'), '/vote.at-large-b'],
    ['names a seat the body does not have', { ...rollOf(9), 'district-12': 'yes' }, '/vote.district-12'],
    ['leaves a blank', rollOf(9, 0, { 'district-3': '' }), '/vote.district-3'],
    ['has a word that is no vote', rollOf(9, 0, { 'district-3': 'aye' }), '/vote.district-3'],
    ['calls a filled seat vacant', rollOf(9, 0, { 'district-3': 'vacant' }), '/vote.district-3'],
  ])('that %s is refused with its field', (_, votes, pointer) => {
    notified().refuses(certify(day(10), 1, { votes }), 'roll-call', pointer);
  });

  test('marks a seat without a holder as vacant, and no other', () => {
    const empty = { roster: { number: 2, roster: roster({ 'district-13': null, 'at-large-b': null }) } };
    notified()
      .refuses(
        certify(day(10), 1, { ...empty, votes: rollOf(9, 0, { 'at-large-b': 'absent' }) }),
        'roll-call',
        '/vote.at-large-b',
      )
      .yields(
        certify(day(10), 1, { ...empty, votes: rollOf(9, 0, { 'at-large-b': 'vacant' }) }),
        'VoteCertified',
        'RequirementMet',
      );
  });

  test('is read against the roster of the day of the meeting', () => {
    const moved = {
      roster: {
        number: 2,
        roster: roster({ 'at-large-b': { to: date(9) } }, term('council', 'at-large-b', { id: 'newcomer', from: date(12) })),
      },
      meetingDate: date(10),
    };
    notified()
      .refuses(certify(day(13), 1, { ...moved, votes: rollOf(9) }), 'roll-call', '/vote.at-large-b')
      .yields(
        certify(day(13), 1, { ...moved, votes: rollOf(9, 0, { 'at-large-b': 'vacant' }) }),
        'VoteCertified',
        'RequirementMet',
      )
      .yields(certify(day(13), 1, { ...moved, meetingDate: date(9) }), 'VoteCertified', 'RequirementMet');
  });

  test.each(['mover', 'seconder'] as const)('has a %s who holds a seat of the body', (role) => {
    notified().refuses(certify(day(10), 1, { [role]: 'mayor' }), 'roll-call', `/${role}`);
  });
});
