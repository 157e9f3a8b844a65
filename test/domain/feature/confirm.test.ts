import { describe, expect, test } from 'vitest';
import { askedActs } from '../../../domain/feature/awaited.ts';
import { findChange } from '../../../domain/feature/state.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { personOf } from '../../../domain/roster/holders.ts';
import { ballots, boardVote, council, mayor, policy, roster, rule, signature, twoVetoes } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { bound, notified, officials, type Story, under, vetoed, viewOf } from './story.ts';
import {
  ballot,
  boardRoll,
  certify,
  confirm,
  correct,
  date,
  day,
  inForce,
  justBefore,
  notify,
  type Over,
  override,
  refuse,
  repin,
  revise,
  rollOf,
  sign,
  tick,
  wordsOf,
} from './support.ts';

const waiting = () => vetoed().then(override(day(20), 1));
const act = (story: Story): string => story.state.changes[0]?.confirmation?.act ?? '';
const other = { comment: wordsOf(9) };
const OVERTURNS = ['ConfirmationGiven', 'VetoOverridden', 'ChangeApproved'] as const;
const second = { requirement: 'council', yes: 9, within: 'P30D' } as const;
const long = { window: 'P90D' };
const askedOf = ({ state }: Story) => {
  const change = findChange(state, 1);
  return change && askedActs(state, change).find(({ asks }) => asks === 'confirm')?.actors;
};

describe('an override', () => {
  test('takes effect once a second person confirms it, once', () => {
    const story = waiting().is('vetoed', day(20));
    expect(story.state.changes[0]?.requirements['mayor']?.status).toBe('refused');
    const command = confirm(day(30), 1, act(story));
    story
      .goes(command, ...OVERTURNS)
      .is('enabled', day(30))
      .yields({ ...command, at: day(31) })
      .refuses({ ...command, ...other }, 'closed');
  });

  test('must be certified before the veto ends; then its clock and the window stand still for fourteen days', () => {
    const late = vetoed().then(override(justBefore(day(41)), 1));
    const end = justBefore(day(55));
    late
      .is('vetoed', day(54))
      .yields(confirm(day(54), 1, act(late)), ...OVERTURNS)
      .is('refused', end)
      .refuses(confirm(end, 1, act(late)), 'closed')
      .yields(tick(end), 'ChangeRefused');
    expect(late.then(tick(end)).events.at(-1)).toMatchObject({ requirement: 'mayor', because: 'unconfirmed' });
  });

  const story = waiting();
  test.each<[string, Over<ReturnType<typeof confirm>>, Parameters<Story['refuses']>[1], string?]>([
    ['another seat than the policy names', { holder: 'at-large-b' }, 'not-in-office'],
    ['the clerk who certified', { holder: 'clerk' }, 'not-in-office'],
    ['another certificate', { certificate: 'another' }, 'stale', '/certificate'],
    ['other words', { digest: wordsOf(2) }, 'stale', '/digest'],
    ['other terms', { terms: { ...NO_TERMS, until: day(90) } }, 'other-terms'],
    ['other terms that they dispute', { terms: { ...NO_TERMS, until: day(90) }, decision: 'dispute' }, 'other-terms'],
    ['what nobody certified', { requirement: 'mayor' }, 'nothing-to-confirm'],
  ])('is not confirmed by or on %s', (_, over, code, pointer) => {
    story.refuses(confirm(day(21), 1, act(story), over), code, pointer);
  });

  test('is confirmed by nobody who entered the notice, nor by one person in both offices', () => {
    const entered = vetoed({ provenance: enteredBy('at-large-a', day(0)) }).then(override(day(20), 1));
    entered.refuses(confirm(day(21), 1, act(entered)), 'same-person');
    const both = under(officials({ 'at-large-a': { id: 'clerk' } }))
      .tell(notify(day(0), 1), certify(day(10), 1, { votes: rollOf(7, 2, { 'at-large-a': 'absent' }) }), refuse(day(11), 1))
      .then(override(day(20), 1, { votes: rollOf(11) }));
    both.refuses(confirm(day(21), 1, act(both), { holder: 'clerk' }), 'same-person');
  });

  test('is what is confirmed under a veto: no refusal makes one while the certificate of another body waits', () => {
    const rules = bound([council(), mayor(), boardVote({ confirmedBy: 'board' }), signature('auditor')]);
    const board = { requirement: 'board' };
    const beside = under(rules)
      .tell(notify(day(0), 1), certify(day(1), 1), certify(day(2), 1, { ...board, votes: boardRoll(2, 1) }))
      .refuses(refuse(day(3), 1), 'not-yet')
      .yields(sign(day(3), 1), 'SignatureGiven', 'RequirementMet')
      .yields(refuse(day(3), 1, { requirement: 'auditor', holder: 'auditor' }), 'SignatureGiven', 'ChangeRefused');
    beside
      .refuses(confirm(day(3), 1, act(beside), board), 'not-in-office')
      .confirms(day(4), 1, { ...board, holder: 'board-3' })
      .goes(refuse(day(5), 1), 'SignatureGiven', 'ChangeVetoed')
      .is('vetoed', day(6));
  });

  test('is not confirmed once its terms have ended, so that it replaces nothing', () => {
    const terms = { ...NO_TERMS, until: day(25) };
    const ending = notified().then(certify(day(10), 1, { terms }), refuse(day(11), 1), override(day(20), 1, { terms }));
    const confirmed = (at: string, over = {}) => confirm(at, 1, act(ending), { terms, ...over });
    ending
      .refuses(confirmed(day(25)), 'until-passed', '/until')
      .yields(confirmed(day(25), { decision: 'dispute' }), 'ConfirmationGiven')
      .yields(confirmed(justBefore(day(25))), ...OVERTURNS);
  });

  test('cannot be certified twice while it waits, but corrected, by the size of an override', () => {
    const on = (n: number, yes: number) => correct(day(21), 1, { meetingDate: date(n), votes: rollOf(yes, 2) });
    const corrected = waiting()
      .refuses(override(day(21), 1, { fileNumber: '26-0303' }), 'already-decided', '/purpose')
      .yields(on(20, 7), 'VoteCertified', 'ChangeRefused')
      .yields(on(19, 8), 'VoteCertified', 'ChangeRefused')
      .goes(on(20, 10), 'VoteCertified');
    corrected.refuses(confirm(day(22), 1, act(waiting())), 'stale', '/certificate');
    expect(corrected.state.changes[0]?.confirmation?.until).toBe(day(34));
    corrected.confirms(day(22), 1).is('enabled', day(22));
  });
});

describe('a dispute', () => {
  const disputed = () => waiting().confirms(day(22), 1, { decision: 'dispute' });

  test('waits for the clerk, while the clock of the veto stands still', () => {
    const story = disputed().is('vetoed', day(33)).is('refused', day(34));
    story.refuses(confirm(day(23), 1, act(story), other), 'nothing-to-confirm');
    expect(viewOf(story)?.confirmation).toMatchObject({ disputed: true });
  });

  test('is the last word of who disputed: somebody else confirms the next certificate', () => {
    const again = under(bound([council(), mayor({ override: { ...second, confirmedBy: 'council' } })], long))
      .tell(notify(day(0), 1), certify(day(1), 1), refuse(day(2), 1), override(day(20), 1))
      .confirms(day(22), 1, { decision: 'dispute' })
      .then(override(day(23), 1, { votes: rollOf(10, 1) }));
    expect(again.state.changes[0]?.confirmation).toMatchObject({ at: day(20), until: day(37), disputed: false });
    again
      .refuses(confirm(day(24), 1, act(again)), 'already-decided')
      .confirms(day(24), 1, { holder: 'at-large-b' })
      .is('enabled', day(24));
  });

  test('of a record that the clerk certifies again as it was is answered with a reason', () => {
    const same = { meetingDate: date(20) };
    disputed()
      .refuses(override(day(23), 1, same), 'reason-missing', '/comment')
      .yields(override(day(23), 1, { ...same, ...other }), 'VoteCertified');
    waiting().yields(override(day(23), 1, same));
    vetoed().yields(certify(day(12), 1, { meetingDate: date(10) }));
  });

  test('is not needed for one record of two second votes on one day: the same again is answered with a reason, too', () => {
    const auditor = { requirement: 'auditor', holder: 'auditor' };
    const twice = under({ policy: inForce(twoVetoes) })
      .tell(
        notify(day(0), 1),
        certify(day(1), 1),
        refuse(day(2), 1),
        override(day(2, '13:00:00.000'), 1, { votes: rollOf(10, 1) }),
      )
      .confirms(day(2, '14:00:00.000'), 1)
      .then(refuse(day(2, '15:00:00.000'), 1, auditor));
    const again = override(day(2, '16:00:00.000'), 1, { votes: rollOf(10, 1) });
    twice
      .refuses(again, 'reason-missing', '/comment')
      .then({ ...again, ...other })
      .confirms(day(2, '17:00:00.000'), 1)
      .yields({ ...again, at: day(3) });
  });

  test('leaves no confirmation behind when the vendor changes the words or the policy is pinned again', () => {
    const repinned = { policy: inForce(policy(rule([council(), mayor()])), 2) };
    for (const story of [disputed().then(revise(day(23), 1, 2)), waiting().goes(repin(day(23), repinned), 'PolicyPinned')])
      expect(story.state.changes[0]).toMatchObject({ confirmation: null, status: 'pending' });
  });
});

describe('an adoption that a second person confirms', () => {
  const { tell, notified: open } = under(bound([council({ confirmedBy: 'clerk' }), mayor()], long));
  const adopted = () => tell(notify(day(0), 1), certify(day(80), 1));

  test('opens what comes after it only then, and the window has stood still', () => {
    const story = adopted()
      .refuses(sign(day(81), 1), 'not-yet')
      .is('pending', day(93))
      .is('refused', day(94));
    const done = story.confirms(day(92), 1, { holder: 'deputy-clerk' });
    expect(done.state.changes[0]?.closesAt).toBe(day(102));
    done.then(sign(day(95), 1)).is('enabled', day(95));
  });

  test('that was disputed is certified anew on other terms, as they can be what was wrong', () => {
    const police = { terms: { ...NO_TERMS, audience: ['Police'] } };
    const story = under(bound([council({ confirmedBy: 'council' }), mayor()], long)).tell(notify(day(0), 1), certify(day(80), 1));
    const disputed = story.then(confirm(day(81), 1, act(story), { decision: 'dispute', holder: 'at-large-b' }));
    const again = disputed.goes(certify(day(82), 1, police), 'VoteCertified');
    expect(viewOf(again)?.terms).toEqual(police.terms);
    again.yields(confirm(day(83), 1, act(again), police), 'ConfirmationGiven', 'RequirementMet');
  });

  test('is confirmed, once another clerk corrects it, by the one who certified first', () => {
    const story = adopted().then(correct(day(81), 1, { holder: 'deputy-clerk', meetingDate: date(80), votes: rollOf(8, 2) }));
    expect(askedOf(story)).toMatchObject({ body: 'clerk', barred: ['', personOf('deputy-clerk')] });
    expect(viewOf(story)?.requirements[0]).toMatchObject({ tally: { yes: 8 }, override: null });
    story.confirms(day(82), 1, { holder: 'clerk' });
  });

  test('is refused without one when it fails, and keeps another vote of the change waiting', () => {
    open()
      .refuses(confirm(day(5), 1, 'none'), 'nothing-to-confirm')
      .yields(certify(day(1), 1, { votes: rollOf(3, 8) }), 'VoteCertified', 'ChangeRefused');
    under(bound([council({ confirmedBy: 'clerk' }), council({ id: 'again' }), mayor()], long))
      .tell(notify(day(0), 1), certify(day(1), 1))
      .refuses(certify(day(1), 1, { requirement: 'again' }), 'not-yet');
  });
});

test('two distinct persons are required whatever the policy: one ballot, or one clerk twice, approves nothing', () => {
  const small = roster();
  const bodies = { ...small.bodies, council: { name: 'Council', seats: ['district-1'] } };
  const alone = bound([ballots({ threshold: { yes: 'majority', of: 'seats' } })], { window: 'P60D' });
  under({ ...alone, roster: { number: 2, roster: { ...small, bodies } } })
    .notified()
    .goes(ballot(day(1), 1, 'district-1'), 'BallotCast', 'RequirementMet')
    .is('pending', day(2))
    .is('lapsed', day(61));
  under(bound([council(), mayor({ override: second })], long))
    .tell(notify(day(0), 1), certify(day(1), 1), refuse(day(2), 1))
    .goes(override(day(3), 1), 'VoteCertified', 'VetoOverridden')
    .is('pending', day(4));
});
