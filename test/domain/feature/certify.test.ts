import { describe, expect, test } from 'vitest';
import type { Certify } from '../../../domain/feature/decide/certificate.ts';
import { judgeRecord } from '../../../domain/feature/decide/secondVote.ts';
import { findChange } from '../../../domain/feature/state.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import { ruledBodies } from '../../../domain/roster/bodies.ts';
import {
  ballots,
  boardVote,
  COUNCIL,
  council,
  mayor,
  policy,
  roster,
  rule,
  signature,
  term,
  thirteenSeats,
} from '../../support/fixtures/city.ts';
import { given } from '../../support/given.ts';
import { APPROVES, approved, bound, feature, notified, officials, PASSES, passed, under, vetoed } from './story.ts';
import {
  advise,
  ballot,
  boardRoll,
  certify,
  correct,
  date,
  day,
  inForce,
  justBefore,
  notify,
  type Over,
  override,
  refuse,
  revoke,
  rollOf,
  sign,
  tick,
  withdraw,
  wordsOf,
} from './support.ts';

const boardMet = (n: number) => certify(day(21), 1, { requirement: 'board', votes: boardRoll(3), meetingDate: date(n) });

/** Computes the name of an act independently from the certificate's contents. */
const actOf = ({ at: _at, zone: _zone, roster: _roster, policy: _policy, ...contents }: Certify) =>
  digestOf(canonical({ ...contents, votes: { ...contents.votes }, pin: '1/everything-else' })).slice(7, 23);
/** The vote of day 10 as a clerk certifies it some days later. */
const later = (n: number, over: Over<Certify> = {}) => certify(day(n), 1, { meetingDate: date(10), ...over });
const corrected = (n: number, over: Over<Certify> = {}) => correct(day(n), 1, { meetingDate: date(10), ...over });

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

  test.each<[string, Certify, Parameters<ReturnType<typeof notified>['refuses']>[1], string?]>([
    ['without a quorum', certify(day(10), 1, { votes: rollOf(6) }), 'no-quorum', '/vote'],
    ['without a file number', certify(day(10), 1, { fileNumber: '' }), 'file-number-missing', '/fileNumber'],
    ['of no such change', certify(day(10), 2), 'unknown-change'],
    ['of change 0', certify(day(10), 0), 'unknown-change'],
    ['on another revision', certify(day(10), 1, { revision: 2 }), 'stale', '/revision'],
    ['on other words', certify(day(10), 1, { digest: wordsOf(2) }), 'stale', '/digest'],
    ['at the end of the window', certify(day(90), 1), 'closed'],
    ['of a body that is not asked', certify(day(10), 1, { requirement: 'board' }), 'unknown-requirement'],
    ['of an office that signs', certify(day(10), 1, { requirement: 'mayor' }), 'unknown-requirement'],
    ['of a prototype’s name', certify(day(10), 1, { requirement: 'constructor' }), 'unknown-requirement'],
    ['by a member', certify(day(10), 1, { holder: 'district-1' }), 'not-in-office'],
    ['without officials', certify(day(10), 1, { roster: null }), 'not-in-office'],
    ['at a meeting to come', certify(day(10), 1, { meetingDate: date(11) }), 'meeting-in-future', '/meetingDate'],
    ['at a meeting too soon', certify(day(10), 1, { meetingDate: date(6) }), 'meeting-before-revision', '/meetingDate'],
  ])('%s is refused', (_, command, code, pointer) => void notified().refuses(command, code, pointer));

  const after = [
    ['a vote', boardVote(), [certify(day(20), 1, { requirement: 'board', votes: boardRoll(3), meetingDate: date(15) })]],
    [
      'a ballot',
      ballots({ id: 'board', body: 'board', threshold: { yes: 1, of: 'seats' } }),
      [ballot(day(15), 1, 'board-1', { requirement: 'board' })],
    ],
    ['a signature', signature('auditor'), [sign(day(15), 1, { requirement: 'auditor', holder: 'auditor' })]],
  ] as const;
  test.each(after)('comes on or after the day of %s that it must come after, whenever that was certified', (_, first, acts) => {
    under(bound([first, council({ after: [first.id] }), mayor()]))
      .tell(notify(day(0), 1), ...acts)
      .refuses(certify(day(21), 1, { meetingDate: date(14) }), 'meeting-out-of-time', '/meetingDate')
      .yields(certify(day(21), 1, { meetingDate: date(15) }), ...PASSES);
  });

  test('comes on or after the day of the second vote that it must come after, whenever that was certified and confirmed', () => {
    const overturned = under(bound([council(), mayor(), boardVote({ after: ['mayor'] })]))
      .tell(notify(day(0), 1), certify(day(10), 1), refuse(day(11), 1), override(day(13), 1, { meetingDate: date(12) }))
      .confirms(day(14), 1);
    overturned
      .refuses(boardMet(11), 'meeting-out-of-time', '/meetingDate')
      .goes(boardMet(12), ...PASSES, 'ChangeApproved')
      .yields(corrected(22, { meetingDate: date(12), votes: rollOf(9, 2) }), 'VoteCertified')
      .yields(corrected(22, { meetingDate: date(11), votes: rollOf(9, 2) }), 'VoteCertified', 'ApprovalEnded');
  });

  test('can be held on the day on which the body that it must come after met twice', () => {
    under(bound([council(), mayor(), boardVote({ after: ['council'] })]))
      .tell(notify(day(0), 1), certify(day(10), 1), refuse(day(10), 1), override(day(11), 1, { meetingDate: date(10) }))
      .confirms(day(12), 1)
      .yields(boardMet(10), ...PASSES, 'ChangeApproved');
  });

  test('of a policy that names no seats of the roster is refused', () => {
    const other = { bodies: { clerk: { name: 'Clerk', seats: ['clerk'] } }, holders: [term('clerk', 'clerk')] };
    notified().refuses(certify(day(10), 1, { roster: { number: 2, roster: other } }), 'not-in-office');
  });

  test('is certified by the present holder of the office, once the words were public for the notice: the same day is enough', () => {
    const gone = officials({ clerk: { to: date(9) } });
    notified()
      .refuses(certify(day(10), 1, gone), 'not-in-office')
      .yields(certify(day(9, '23:59:59.999'), 1, gone), ...PASSES)
      .yields(certify(day(10), 1, { ...gone, holder: 'deputy-clerk' }), ...PASSES)
      .yields(certify(day(10), 1, { meetingDate: date(7) }), ...PASSES)
      .yields(certify(day(7, '09:00:00.000'), 1), ...PASSES)
      .yields(later(12), ...PASSES)
      .yields(certify(justBefore(day(90)), 1, { meetingDate: date(80) }), ...PASSES);
  });

  test('comes in its order, once, not under a veto and not of what was withdrawn', () => {
    under(bound([council({ after: ['board'] }), boardVote(), mayor()]))
      .notified()
      .refuses(certify(day(10), 1), 'not-yet')
      .then(certify(day(10), 1, { requirement: 'board', votes: boardRoll(2) }))
      .yields(certify(day(10), 1), ...PASSES);
    passed().refuses(certify(day(11), 1, { fileNumber: '26-0102' }), 'already-decided');
    vetoed().refuses(certify(day(12), 1), 'vetoed');
    notified()
      .then(withdraw(day(9), 1))
      .refuses(certify(day(10), 1), 'closed');
  });

  test('counts seats that a later policy takes away, where the rule is a share of the seats', () => {
    const few = COUNCIL.slice(0, 9);
    const rules = policy(rule([council(), mayor()]));
    const { bodies, holders } = roster();
    const small = {
      bodies: { ...bodies, council: { name: 'City Council', seats: [...few], attestedBy: 'clerk' } },
      holders: holders.filter(({ body, seat }) => body !== 'council' || few.some((each) => each === seat)),
    };
    const all = { policy: { ...inForce(rules), bodies: ruledBodies(roster()) } };
    const now = { policy: { ...inForce(rules, 2), bodies: ruledBodies(small) }, roster: { number: 2, roster: small } };
    const pinned = notified(all);
    expect(pinned.events[0]).toMatchObject({ pinned: { require: [{ id: 'council', seats: 13 }, { id: 'mayor' }] } });
    const vote = (yes: number) => certify(day(10), 1, { ...now, votes: rollOf(yes, few.length - yes, {}, few) });
    const tally = { yes: 6, no: 3, present: 9, of: 13, needed: 7 };
    expect(pinned.goes(vote(6), 'VoteCertified', 'ChangeRefused').events.at(-2)).toMatchObject({ tally });
    pinned.yields(vote(7), ...PASSES);
    expect(notified(now).events[0]).toMatchObject({ pinned: { require: [{ seats: 9 }, {}] } });
  });
});

describe('a correction', () => {
  const ENDS = ['VoteCertified', 'ApprovalEnded'] as const;

  test('that still holds changes nothing else', () => {
    approved()
      .goes(corrected(20, { votes: rollOf(8, 1) }), 'VoteCertified')
      .is('enabled', day(20));
  });

  test.each([
    ['votes', rollOf(6, 3)],
    ['a quorum', rollOf(6)],
  ])('by which %s are lost puts an approval off at once, and refuses a change that is still open', (_, votes) => {
    approved()
      .goes(corrected(20, { votes }), ...ENDS)
      .is('revoked', day(20))
      .refuses(corrected(21), 'closed');
    passed().goes(corrected(11, { votes }), 'VoteCertified', 'ChangeRefused').is('refused', day(11));
  });

  test('that shows a voter who counts elsewhere loses the approval', () => {
    under(officials({ mayor: { id: 'district-1' } }))
      .notified()
      .then(certify(day(10), 1, { votes: rollOf(8, 2, { 'district-1': 'absent' }) }), sign(day(11), 1, { holder: 'district-1' }))
      .yields(corrected(12), ...ENDS);
  });

  test('after a second vote is of that one, held to its size, its day and who took part', () => {
    const overridden = vetoed()
      .then(override(day(20), 1))
      .confirms(day(20), 1);
    const on = (n: number, yes: number, others = 0) =>
      correct(day(22), 1, { meetingDate: date(n), votes: rollOf(yes, 11 - yes + others) });
    overridden
      .yields(on(20, 8), ...ENDS)
      .yields(on(20, 10), 'VoteCertified')
      .yields(on(20, 10, 1), ...ENDS)
      .yields(on(19, 10), ...ENDS);
  });

  const police = { terms: { ...NO_TERMS, audience: ['Police'] } };
  const inBallots = ballots({ id: 'board', body: 'board' });

  test('puts other terms down while they are the clerk’s alone, and the others then decide on those', () => {
    const story = passed()
      .goes(corrected(11, police), 'VoteCertified')
      .refuses(sign(day(12), 1), 'other-terms');
    story.yields(sign(day(12), 1, police), ...APPROVES);
    story.goes(corrected(11), 'VoteCertified').yields(sign(day(12), 1), ...APPROVES);
    const advised = under(bound([council(), mayor(), signature('auditor', { instrument: 'advice' })]));
    advised
      .tell(notify(day(0), 1), advise(day(5), 1, 'auditor', { requirement: 'auditor' }), certify(day(10), 1))
      .yields(corrected(11, police), 'VoteCertified');
    under(bound([council({ confirmedBy: 'clerk' }), mayor()]))
      .tell(notify(day(0), 1), certify(day(10), 1))
      .yields(corrected(11, police), 'VoteCertified')
      .confirms(day(12), 1, { holder: 'deputy-clerk' })
      .refuses(corrected(13, police), 'other-terms');
  });

  test.each([
    ['signed', [council(), signature('mayor'), signature('auditor')], sign(day(5), 1)],
    ['answered by ballot', [council(), inBallots, mayor()], ballot(day(5), 1, 'board-1', { requirement: 'board' })],
    ['certified', [council(), boardVote(), mayor()], certify(day(5), 1, { requirement: 'board', votes: boardRoll(3) })],
    [
      'certified what waits for a second person',
      [council(), boardVote({ confirmedBy: 'council' }), mayor()],
      certify(day(5), 1, { requirement: 'board', votes: boardRoll(3) }),
    ],
    ['refused, which a second vote can overturn', [council(), mayor()], refuse(day(5), 1)],
  ])('keeps the terms that others have %s', (_, rules, decided) => {
    under(bound(rules))
      .tell(notify(day(0), 1), certify(day(4), 1), decided)
      .refuses(corrected(6, { ...police, meetingDate: date(4) }), 'other-terms');
  });

  test('needs a vote that was certified, the terms that stand, and a clerk who takes no part in the change', () => {
    notified().refuses(correct(day(10), 1), 'nothing-to-correct', '/purpose');
    const clerkly = officials({ clerk: { id: 'mayor' } });
    approved()
      .refuses(corrected(20, { terms: { ...NO_TERMS, audience: ['Police'] } }), 'other-terms')
      .refuses(corrected(20, { meetingDate: date(21) }), 'meeting-in-future')
      .refuses(corrected(20, { meetingDate: date(3) }), 'meeting-before-revision')
      .refuses(corrected(20, { ...clerkly, holder: 'mayor', votes: rollOf(6, 1) }), 'same-person');
  });

  test('names another day of a vote while its record stands alone, and then ends it', () => {
    const moved = corrected(20, { meetingDate: date(9) });
    passed().yields({ ...moved, at: day(11) }, 'VoteCertified');
    approved()
      .yields(corrected(20), 'VoteCertified')
      .yields(moved, ...ENDS);
    vetoed().yields({ ...moved, at: day(12) }, 'VoteCertified', 'ChangeRefused');
  });

  test('comes too late once the approval was revoked, expired or replaced', () => {
    approved()
      .then(revoke(day(20), 1))
      .refuses(corrected(21), 'closed');
    approved()
      .refuses(corrected(400), 'closed')
      .then(notify(day(20), 2), certify(day(30), 2), sign(day(31), 2), tick(day(32)))
      .refuses(corrected(33), 'closed');
  });
});

test('the record of a second vote is judged, before it is sent, by the number that overturns the veto', () => {
  const { state } = vetoed();
  const change = findChange(state, 1) ?? expect.fail('no change');
  const record = { purpose: 'override', meetingDate: date(12), votes: rollOf(8, 3) as Record<string, 'yes' | 'no'> } as const;
  expect(judgeRecord(state, change, council(), record)).toMatchObject({ outcome: 'below', needed: 9 });
});

describe('a roll call', () => {
  const { 'at-large-b': _, ...short } = rollOf(9);

  test.each<[string, Over<Certify>, string]>([
    ['lacks a seat', { votes: short }, '/vote.at-large-b'],
    ['names a seat the body does not have', { votes: { ...rollOf(9), 'district-12': 'yes' } }, '/vote.district-12'],
    ['leaves a blank', { votes: rollOf(9, 0, { 'district-3': '' }) }, '/vote.district-3'],
    ['has a word that is no vote', { votes: rollOf(9, 0, { 'district-3': 'aye' }) }, '/vote.district-3'],
    ['calls a filled seat vacant', { votes: rollOf(9, 0, { 'district-3': 'vacant' }) }, '/vote.district-3'],
    ['is moved by who holds no seat of the body', { mover: 'mayor' }, '/mover'],
    ['is seconded by one', { seconder: 'mayor' }, '/seconder'],
  ])('that %s is refused with its field', (__, over, pointer) => {
    notified().refuses(certify(day(10), 1, over), 'roll-call', pointer);
  });

  test('marks a seat without a holder on the day of the meeting as vacant, and no other', () => {
    const vacant = { votes: rollOf(9, 0, { 'at-large-b': 'vacant' }) };
    const empty = officials({ 'district-13': null, 'at-large-b': null });
    const moved = officials({ 'at-large-b': { to: date(9) } }, term('council', 'at-large-b', { id: 'newcomer', from: date(12) }));
    notified()
      .refuses(later(10, { ...empty, votes: rollOf(9) }), 'roll-call', '/vote.at-large-b')
      .yields(later(10, { ...empty, ...vacant }), ...PASSES)
      .refuses(later(13, { ...moved, votes: rollOf(9) }), 'roll-call', '/vote.at-large-b')
      .yields(later(13, { ...moved, ...vacant }), ...PASSES)
      .yields(later(13, { ...moved, meetingDate: date(9) }), ...PASSES);
  });

  test('of a meeting before the day on which a policy changed the seats of its body is refused, and so is its correction', () => {
    const reseated = (n: number, body = 'council') => ({
      policy: { ...inForce(thirteenSeats, 2), seatsSince: { [body]: day(n) } },
    });
    notified()
      .refuses(later(14, reseated(11)), 'roll-call', '/meetingDate')
      .yields(later(14, reseated(10)), ...PASSES)
      .yields(later(14, reseated(11, 'board')), ...PASSES)
      .yields(
        later(14, { policy: { ...inForce(thirteenSeats, 2), seatsSince: Object.create({ council: day(11) }) } }),
        ...PASSES,
      );
    approved().refuses(corrected(20, { ...reseated(11), votes: rollOf(6, 3) }), 'roll-call', '/meetingDate');
  });
});
