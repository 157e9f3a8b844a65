import { describe, expect, test } from 'vitest';
import { askedActs } from '../../../domain/feature/awaited.ts';
import { type ChangeState, findChange, personOf } from '../../../domain/feature/state.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { type ChangeView, foldChange } from '../../../domain/feature/view.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { ballots, boardVote, council, mayor, policy, roster, rule, signature } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { notified, type Story, tell, vetoed } from './story.ts';
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
  override,
  refuse,
  repin,
  revise,
  rollOf,
  sign,
  tick,
  wordsOf,
} from './support.ts';

const bound = (adopted: Policy) => ({ policy: inForce(adopted) });
const waiting = (): Story => vetoed().then(override(day(20), 1));
const act = (story: Story): string => story.state.changes[0]?.confirmation?.act ?? '';
const viewOf = ({ events }: Story): ChangeView | undefined =>
  events.reduce<ChangeView | undefined>((known, event, index) => foldChange(known, event, index + 1), undefined);
const other = { comment: wordsOf(9) };

describe('an override', () => {
  test('takes effect once a second person confirms it', () => {
    const story = waiting();
    story.is('vetoed', day(20));
    expect(story.state.changes[0]?.requirements['mayor']?.status).toBe('refused');
    story.goes(confirm(day(30), 1, act(story)), 'ConfirmationGiven', 'VetoOverridden', 'ChangeApproved').is('enabled', day(30));
  });

  test('must be certified before the veto ends; then its clock and the window stand still for fourteen days', () => {
    const late = vetoed().then(override(justBefore(day(41)), 1));
    late.is('vetoed', day(54)).yields(confirm(day(54), 1, act(late)), 'ConfirmationGiven', 'VetoOverridden', 'ChangeApproved');
    const end = justBefore(day(55));
    late
      .is('refused', end)
      .refuses(confirm(end, 1, act(late)), 'closed')
      .yields(tick(end), 'ChangeRefused');
    expect(late.then(tick(end)).events.at(-1)).toMatchObject({ requirement: 'mayor', because: 'unconfirmed' });
  });

  test('is confirmed by nobody who entered the notice', () => {
    const story = vetoed({ provenance: enteredBy('at-large-a', day(0)) }).then(override(day(20), 1));
    story.refuses(confirm(day(21), 1, act(story)), 'same-person');
  });

  test('is what is confirmed under a veto: no refusal makes one while the certificate of another body waits', () => {
    const rules = bound(policy(rule([council(), mayor(), boardVote({ confirmedBy: 'board' }), signature('auditor')])));
    const story = tell(
      notify(day(0), 1, rules),
      certify(day(1), 1, rules),
      certify(day(2), 1, { ...rules, requirement: 'board', votes: boardRoll(2, 1) }),
    );
    story
      .refuses(refuse(day(3), 1, rules), 'not-yet')
      .yields(sign(day(3), 1, rules), 'SignatureGiven', 'RequirementMet')
      .yields(refuse(day(3), 1, { ...rules, requirement: 'auditor', holder: 'auditor' }), 'SignatureGiven', 'ChangeRefused')
      .refuses(confirm(day(3), 1, act(story), { ...rules, requirement: 'board' }), 'not-in-office');
    story
      .confirms(day(4), 1, { ...rules, requirement: 'board', holder: 'board-3' })
      .goes(refuse(day(5), 1, rules), 'SignatureGiven', 'ChangeVetoed')
      .is('vetoed', day(6));
  });

  test('is not confirmed by its own clerk after another clerk has corrected the first vote', () => {
    const overturned = { requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'clerk' } as const;
    const rules = bound(policy(rule([council(), mayor({ override: overturned })])));
    const deputy = { ...rules, holder: 'deputy-clerk' };
    const story = tell(notify(day(0), 1, rules), certify(day(1), 1, rules), refuse(day(2), 1, rules), override(day(3), 1, rules));
    const corrected = story.goes(correct(day(4), 1, { ...deputy, meetingDate: date(1), votes: rollOf(8, 1) }), 'VoteCertified');
    expect(act(corrected)).toBe(act(story));
    const [asked] = askedActs(corrected.state, corrected.state.changes[0] as ChangeState);
    expect(asked?.actors.barred).toStrictEqual(['', personOf('clerk')]);
    corrected
      .refuses(confirm(day(5), 1, act(story), { ...rules, holder: 'clerk' }), 'same-person')
      .yields(confirm(day(5), 1, act(story), deputy), 'ConfirmationGiven', 'VetoOverridden', 'ChangeApproved');
  });

  test('is not confirmed once its terms have ended, so that it replaces nothing', () => {
    const terms = { ...NO_TERMS, until: day(25) };
    const story = notified().then(certify(day(10), 1, { terms }), refuse(day(11), 1), override(day(20), 1, { terms }));
    story
      .refuses(confirm(day(25), 1, act(story), { terms }), 'until-passed', '/until')
      .yields(confirm(day(25), 1, act(story), { terms, decision: 'dispute' }), 'ConfirmationGiven')
      .yields(confirm(justBefore(day(25)), 1, act(story), { terms }), 'ConfirmationGiven', 'VetoOverridden', 'ChangeApproved');
  });

  test('that falls short refuses the change without a confirmation', () => {
    vetoed().yields(override(day(20), 1, { votes: rollOf(8, 5) }), 'VoteCertified', 'ChangeRefused');
  });

  test('is confirmed by the seat that the policy names, never by the clerk who certified, nor on other words', () => {
    const story = waiting();
    story
      .refuses(confirm(day(21), 1, act(story), { holder: 'at-large-b' }), 'not-in-office')
      .refuses(confirm(day(21), 1, act(story), { holder: 'clerk' }), 'not-in-office')
      .refuses(confirm(day(21), 1, 'another'), 'stale', '/certificate')
      .refuses(confirm(day(21), 1, act(story), { digest: wordsOf(2) }), 'stale', '/digest')
      .refuses(confirm(day(21), 1, act(story), { terms: { ...NO_TERMS, until: day(90) } }), 'other-terms')
      .refuses(confirm(day(21), 1, act(story), { requirement: 'mayor' }), 'nothing-to-confirm');
    notified().refuses(confirm(day(5), 1, 'none'), 'nothing-to-confirm');
  });

  test('is not confirmed by one person in both offices', () => {
    const both = { roster: { number: 2, roster: roster({ 'at-large-a': { id: 'clerk' } }) } };
    const story = vetoed().then(override(day(20), 1, { ...both, holder: 'clerk', votes: rollOf(11) }));
    story.refuses(confirm(day(21), 1, act(story), { ...both, holder: 'clerk' }), 'same-person');
  });

  test('is confirmed once, and the same confirmation again is nothing', () => {
    const story = waiting();
    const done = story.confirms(day(21), 1);
    done.yields(confirm(day(22), 1, act(story))).refuses(confirm(day(22), 1, act(story), other), 'closed');
  });

  test('cannot be certified twice while it waits, but corrected, by the size of an override', () => {
    const story = waiting();
    story
      .refuses(override(day(21), 1, { fileNumber: '26-0303' }), 'already-decided', '/purpose')
      .yields(correct(day(21), 1, { meetingDate: date(20), votes: rollOf(7, 2) }), 'VoteCertified', 'ChangeRefused')
      .yields(correct(day(21), 1, { meetingDate: date(19), votes: rollOf(8, 2) }), 'VoteCertified', 'ChangeRefused');
    const corrected = story.goes(correct(day(21), 1, { meetingDate: date(20), votes: rollOf(10, 2) }), 'VoteCertified');
    corrected.refuses(confirm(day(22), 1, act(story)), 'stale', '/certificate');
    expect(corrected.state.changes[0]?.confirmation?.until).toBe(day(34));
    corrected.confirms(day(22), 1).is('enabled', day(22));
  });
});

describe('a dispute', () => {
  const disputed = (): Story => waiting().confirms(day(22), 1, { decision: 'dispute' });

  test('waits for the clerk, while the clock of the veto stands still', () => {
    disputed().is('vetoed', day(33)).is('refused', day(34));
    const story = disputed();
    story.refuses(confirm(day(23), 1, act(story), other), 'nothing-to-confirm');
    expect(viewOf(story)?.confirmation).toMatchObject({ disputed: true });
  });

  test('is the last word of who disputed: somebody else confirms the next certificate', () => {
    const any = bound(
      policy(
        rule([council(), mayor({ override: { requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'council' } })], {
          window: 'P90D',
        }),
      ),
    );
    const vetoedThen = tell(notify(day(0), 1, any), certify(day(1), 1, any), sign(day(2), 1, { ...any, decision: 'refuse' }));
    const again = vetoedThen
      .then(override(day(20), 1, any))
      .confirms(day(22), 1, { ...any, decision: 'dispute' })
      .then(override(day(23), 1, { ...any, votes: rollOf(10, 1) }));
    expect(again.state.changes[0]?.confirmation).toMatchObject({ at: day(20), until: day(37), disputed: false });
    again
      .refuses(confirm(day(24), 1, act(again), any), 'already-decided')
      .confirms(day(24), 1, { ...any, holder: 'at-large-b' })
      .is('enabled', day(24));
  });

  test('leaves no confirmation behind when the vendor changes the words or the policy is pinned again', () => {
    const revised = disputed().then(revise(day(23), 1, 2));
    expect(revised.state.changes[0]).toMatchObject({ confirmation: null, status: 'pending' });
    const second = { policy: inForce(policy(rule([council(), mayor()])), 2) };
    const repinned = waiting().goes(repin(day(23), second), 'PolicyPinned');
    expect(repinned.state.changes[0]).toMatchObject({ confirmation: null, status: 'pending' });
  });
});

describe('an adoption that a second person confirms', () => {
  const rules = bound(policy(rule([council({ confirmedBy: 'clerk' }), mayor()], { window: 'P90D' })));
  const adopted = (): Story => tell(notify(day(0), 1, rules), certify(day(80), 1, rules));

  test('opens what comes after it only then, and the window has stood still', () => {
    const story = adopted();
    story.refuses(sign(day(81), 1, rules), 'not-yet').is('pending', day(93));
    const done = story.confirms(day(92), 1, { ...rules, holder: 'deputy-clerk' });
    expect(done.state.changes[0]?.closesAt).toBe(day(102));
    done.then(sign(day(95), 1, rules)).is('enabled', day(95));
    story.is('refused', day(94));
  });

  test('is confirmed, once another clerk corrects it, by the one who certified first', () => {
    const story = adopted().then(
      correct(day(81), 1, { ...rules, holder: 'deputy-clerk', meetingDate: date(80), votes: rollOf(8, 2) }),
    );
    const change = findChange(story.state, 1);
    const asked = change && askedActs(story.state, change).find(({ asks }) => asks === 'confirm');
    expect(asked?.actors).toMatchObject({ body: 'clerk', barred: ['', personOf('deputy-clerk')] });
    expect(viewOf(story)?.requirements[0]).toMatchObject({ tally: { yes: 8 }, override: null });
    story.confirms(day(82), 1, { ...rules, holder: 'clerk' });
  });

  test('is refused without one when it fails', () => {
    tell(notify(day(0), 1, rules)).yields(
      certify(day(1), 1, { ...rules, votes: rollOf(3, 8) }),
      'VoteCertified',
      'ChangeRefused',
    );
  });

  test('keeps another vote of the change waiting', () => {
    const two = bound(policy(rule([council({ confirmedBy: 'clerk' }), council({ id: 'again' }), mayor()], { window: 'P90D' })));
    tell(notify(day(0), 1, two), certify(day(1), 1, two)).refuses(
      certify(day(1), 1, { ...two, requirement: 'again' }),
      'not-yet',
    );
  });
});

describe('two distinct persons', () => {
  test('are required whatever the policy: one ballot, or one clerk twice, approves nothing', () => {
    const small = roster();
    const one = {
      ...bound(policy(rule([ballots({ threshold: { yes: 'majority', of: 'seats' } })], { window: 'P60D' }))),
      roster: {
        number: 2,
        roster: { ...small, bodies: { ...small.bodies, council: { name: 'Council', seats: ['district-1'] } } },
      },
    };
    const alone = tell(notify(day(0), 1, one)).goes(ballot(day(1), 1, 'district-1', one), 'BallotCast', 'RequirementMet');
    alone.is('pending', day(2)).is('lapsed', day(61));
    const stored = bound(
      policy(rule([council(), mayor({ override: { requirement: 'council', yes: 9, within: 'P30D' } })], { window: 'P90D' })),
    );
    tell(notify(day(0), 1, stored), certify(day(1), 1, stored), sign(day(2), 1, { ...stored, decision: 'refuse' }))
      .goes(override(day(3), 1, stored), 'VoteCertified', 'VetoOverridden')
      .is('pending', day(4));
  });
});
