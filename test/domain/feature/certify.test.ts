import { describe, expect, test } from 'vitest';
import type { Certify } from '../../../domain/feature/commands.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import { boardVote, COUNCIL, council, mayor, policy, roster, rule, term, twoCertified } from '../../support/fixtures/city.ts';
import { given } from '../../support/given.ts';
import {
  approved,
  boardRoll,
  certify,
  context,
  correct,
  date,
  day,
  feature,
  justBefore,
  notified,
  notify,
  override,
  refuse,
  revoke,
  rollOf,
  sign,
  tell,
  tick,
  vetoed,
  withdraw,
  wordsOf,
} from './support.ts';

/** The name of an act as the state keeps it, made here once more from what the certificate says. */
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

  test('without a quorum is no act', () => {
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

  test('is certified by who holds the certifying office now, and by nobody else', () => {
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
    const rules = { policy: { number: 1, policy: lateCouncil } };
    tell(notify(day(0), 1, rules))
      .refuses(certify(day(10), 1, rules), 'not-yet')
      .then(certify(day(10), 1, { ...rules, requirement: 'board', votes: boardRoll(2) }))
      .yields(certify(day(10), 1, rules), 'VoteCertified', 'RequirementMet');
  });

  test('is taken once', () => {
    notified()
      .then(certify(day(10), 1))
      .refuses(certify(day(11), 1, { fileNumber: '26-0102' }), 'already-decided');
  });

  test('cannot be taken while a veto stands', () => {
    vetoed().refuses(certify(day(12), 1), 'vetoed');
  });

  test('needs the documents that the rule asks for, unless it says no', () => {
    const rules = { policy: { number: 1, policy: policy(rule([council(), mayor()], { documents: ['impact-report'] })) } };
    tell(notify(day(0), 1, rules))
      .refuses(certify(day(10), 1, rules), 'documents-missing')
      .yields(certify(day(10), 1, { ...rules, votes: rollOf(6, 3) }), 'VoteCertified', 'ChangeRefused');
  });

  test('cannot end before it begins', () => {
    const until = (at: string) => ({ terms: { ...NO_TERMS, until: at } });
    notified()
      .refuses(certify(day(10), 1, until(day(10))), 'until-passed', '/until')
      .yields(certify(day(10), 1, until(day(10, '12:00:00.001'))), 'VoteCertified', 'RequirementMet');
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

  test('says vacant of a seat without a holder, and nothing else', () => {
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

describe('distinct persons', () => {
  const acting = { roster: { number: 2, roster: roster({ mayor: { id: 'district-1' } }) } };
  const both = { policy: { number: 1, policy: twoCertified } };

  test('an acting mayor who voted cannot sign; one who stayed away can', () => {
    notified(acting)
      .then(certify(day(10), 1, acting))
      .refuses(sign(day(11), 1, { ...acting, holder: 'district-1' }), 'same-person');
    for (const vote of ['absent', 'excused', 'recused']) {
      notified(acting)
        .then(certify(day(10), 1, { ...acting, votes: rollOf(8, 2, { 'district-1': vote }) }))
        .yields(sign(day(11), 1, { ...acting, holder: 'district-1' }), 'SignatureGiven', 'RequirementMet', 'ChangeApproved');
    }
  });

  test('a mayor who signed first cannot have voted in the roll', () => {
    const anyOrder = { ...acting, policy: { number: 1, policy: policy(rule([council(), mayor({ after: [] })])) } };
    tell(notify(day(0), 1, anyOrder), sign(day(1), 1, { ...anyOrder, holder: 'district-1' }))
      .refuses(certify(day(2), 1, anyOrder), 'same-person', '/vote.district-1')
      .yields(
        certify(day(2), 1, { ...anyOrder, votes: rollOf(8, 2, { 'district-1': 'recused' }) }),
        'VoteCertified',
        'RequirementMet',
        'ChangeApproved',
      );
  });

  test('a clerk who holds a seat of the body cannot certify a vote they took part in', () => {
    const seated = { roster: { number: 2, roster: roster({ 'district-1': { id: 'clerk' } }) } };
    notified(seated)
      .refuses(certify(day(10), 1, seated), 'same-person')
      .yields(
        certify(day(10), 1, { ...seated, votes: rollOf(8, 2, { 'district-1': 'recused' }) }),
        'VoteCertified',
        'RequirementMet',
      );
  });

  test('a clerk who certified cannot sign, one who signed cannot certify', () => {
    const clerkly = { roster: { number: 2, roster: roster({ mayor: { id: 'clerk' } }) } };
    notified(clerkly)
      .then(certify(day(10), 1, clerkly))
      .refuses(sign(day(11), 1, { ...clerkly, holder: 'clerk' }), 'same-person');
    const anyOrder = { ...clerkly, policy: { number: 1, policy: policy(rule([council(), mayor({ after: [] })])) } };
    tell(notify(day(0), 1, anyOrder), sign(day(1), 1, { ...anyOrder, holder: 'clerk' })).refuses(
      certify(day(2), 1, anyOrder),
      'same-person',
    );
  });

  test('a clerk whose vote was certified anew by another one still cannot sign', () => {
    const clerkly = { roster: { number: 2, roster: roster({ mayor: { id: 'clerk' } }) } };
    notified(clerkly)
      .then(certify(day(10), 1, clerkly), correct(day(11), 1, { ...clerkly, holder: 'deputy-clerk', meetingDate: date(10) }))
      .refuses(sign(day(12), 1, { ...clerkly, holder: 'clerk' }), 'same-person');
  });

  test('one clerk may certify the votes of two bodies', () => {
    tell(notify(day(0), 1, both), certify(day(1), 1, both)).yields(
      certify(day(2), 1, { ...both, requirement: 'board', votes: boardRoll(2, 1) }),
      'VoteCertified',
      'RequirementMet',
    );
  });

  test('nobody votes in two bodies', () => {
    const twice = { ...both, roster: { number: 2, roster: roster({ 'board-1': { id: 'district-1' } }) } };
    tell(notify(day(0), 1, twice), certify(day(1), 1, twice))
      .refuses(certify(day(2), 1, { ...twice, requirement: 'board', votes: boardRoll(2) }), 'same-person', '/vote.board-1')
      .yields(
        certify(day(2), 1, {
          ...twice,
          requirement: 'board',
          votes: { 'board-1': 'recused', 'board-2': 'yes', 'board-3': 'yes' },
        }),
        'VoteCertified',
        'RequirementMet',
      );
  });

  test('who entered the notice fills no requirement of it', () => {
    const entered = (holder: string) => ({
      provenance: { channel: 'mail', by: `holder:${holder}`, key: null, scheme: null, heardAt: day(0), evidence: null },
    });
    notified(entered('clerk')).refuses(certify(day(10), 1), 'same-person');
    notified(entered('mayor'))
      .then(certify(day(10), 1))
      .refuses(sign(day(11), 1), 'same-person');
    notified(entered('district-4')).refuses(certify(day(10), 1), 'same-person', '/vote.district-4');
  });
});

describe('a veto', () => {
  test('suspends the window and is overturned by nine', () => {
    const story = notified().then(certify(day(80), 1), refuse(day(84), 1));
    // The window would have ended on day 90, with six days left.
    story.is('vetoed', day(100)).refuses(sign(day(85), 1), 'vetoed');
    const resumed = story.goes(override(day(104), 1), 'VoteCertified', 'VetoOverridden', 'ChangeApproved');
    resumed.is('enabled', day(104));
    expect(resumed.events.find(({ type }) => type === 'VetoOverridden')).toStrictEqual({
      type: 'VetoOverridden',
      v: 1,
      at: day(104),
      change: 1,
      requirement: 'mayor',
      opens: [],
      closesAt: day(110),
    });
  });

  test('is overturned until the instant in which its time is up', () => {
    vetoed()
      .yields(override(justBefore(day(41)), 1), 'VoteCertified', 'VetoOverridden', 'ChangeApproved')
      .refuses(override(day(41), 1), 'closed')
      .is('vetoed', justBefore(day(41)))
      .is('refused', day(41));
  });

  test('that too few overturn stands for good', () => {
    vetoed()
      .then(override(day(20), 1, { votes: rollOf(8, 5) }))
      .is('refused', day(20))
      .refuses(override(day(21), 1), 'closed');
  });

  test('is overturned by a meeting after it, on the words that stand, with a quorum', () => {
    const large = { votes: rollOf(6, 0) };
    vetoed()
      .refuses(override(day(12), 1, { meetingDate: date(10) }), 'meeting-before-veto', '/meetingDate')
      .refuses(override(day(12), 1, { digest: wordsOf(2) }), 'stale', '/digest')
      .refuses(override(day(12), 1, large), 'no-quorum', '/vote')
      .refuses(override(day(12), 1, { meetingDate: date(13) }), 'meeting-in-future')
      .yields(override(day(12), 1, { meetingDate: date(11) }), 'VoteCertified', 'VetoOverridden', 'ChangeApproved');
  });

  test('is overturned under the terms that stand, by a clerk and voters who count nowhere else', () => {
    const acting = { roster: { number: 2, roster: roster({ mayor: { id: 'district-13' }, 'at-large-b': { id: 'mayor' } }) } };
    vetoed()
      .refuses(override(day(12), 1, { terms: { ...NO_TERMS, conditions: 'None.' } }), 'other-terms')
      .refuses(override(day(12), 1, { ...acting, votes: rollOf(13) }), 'same-person', '/vote.at-large-b')
      .refuses(
        override(day(12), 1, { roster: { number: 2, roster: roster({ clerk: { id: 'mayor' } }) }, holder: 'mayor' }),
        'same-person',
      );
  });

  test('there is none to overturn before the mayor refuses, and never by another body', () => {
    const both = { policy: { number: 1, policy: twoCertified } };
    notified()
      .then(certify(day(10), 1))
      .refuses(override(day(11), 1), 'not-vetoed', '/purpose');
    tell(
      notify(day(0), 1, both),
      certify(day(1), 1, both),
      certify(day(1), 1, { ...both, requirement: 'board', votes: boardRoll(3) }),
      refuse(day(2), 1, both),
    ).refuses(override(day(3), 1, { ...both, requirement: 'board', votes: boardRoll(3) }), 'not-vetoed');
  });

  test('by a deadline that passed is overturned like a refusal', () => {
    notified()
      .then(certify(day(10), 1))
      .is('pending', justBefore(day(15)))
      .is('vetoed', day(15))
      .refuses(sign(day(15), 1), 'vetoed')
      .yields(override(day(20), 1), 'ChangeVetoed', 'VoteCertified', 'VetoOverridden', 'ChangeApproved')
      .is('refused', day(45));
  });
});

describe('a correction', () => {
  test('that still holds changes nothing else', () => {
    const story = approved().goes(correct(day(20), 1, { meetingDate: date(10), votes: rollOf(8, 1) }), 'VoteCertified');
    story.is('enabled', day(20));
  });

  test('that no longer holds puts an approval off at once, whether votes or a quorum are lost', () => {
    for (const votes of [rollOf(6, 3), rollOf(6)]) {
      approved()
        .yields(correct(day(20), 1, { meetingDate: date(10), votes }), 'VoteCertified', 'ApprovalLost')
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
      .yields(correct(day(12), 1, { ...acting, meetingDate: date(10) }), 'VoteCertified', 'ApprovalLost');
  });

  test('by a clerk who takes part in the change is no correction', () => {
    const clerkly = { roster: { number: 2, roster: roster({ clerk: { id: 'mayor' } }) } };
    approved().refuses(
      correct(day(20), 1, { ...clerkly, holder: 'mayor', meetingDate: date(10), votes: rollOf(6, 1) }),
      'same-person',
    );
  });

  test('of the vote that overturned a veto is held to its size', () => {
    const overridden = vetoed().then(override(day(20), 1));
    overridden
      .yields(correct(day(22), 1, { meetingDate: date(20), votes: rollOf(8, 1) }), 'VoteCertified', 'ApprovalLost')
      .yields(correct(day(22), 1, { meetingDate: date(20), votes: rollOf(9, 4) }), 'VoteCertified')
      .yields(correct(day(22), 1, { meetingDate: date(10), votes: rollOf(7, 1) }), 'VoteCertified')
      .yields(correct(day(22), 1, { meetingDate: date(10), votes: rollOf(6, 1) }), 'VoteCertified', 'ApprovalLost');
    const sameDay = notified().then(
      certify(day(10), 1),
      refuse(day(10, '13:00:00.000'), 1),
      override(day(10, '14:00:00.000'), 1),
    );
    sameDay.yields(correct(day(11), 1, { meetingDate: date(10), votes: rollOf(8, 1) }), 'VoteCertified', 'ApprovalLost');
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

test('a certificate of a policy that names no seats of the roster is refused', () => {
  const other = {
    roster: { number: 2, roster: { bodies: { clerk: { name: 'Clerk', seats: ['clerk'] } }, holders: [term('clerk', 'clerk')] } },
  };
  notified().refuses(certify(day(10), 1, other), 'not-in-office');
  expect(context(day(0)).zone).toBe('UTC');
});
