import { describe, expect, test } from 'vitest';
import { turnEndIn, turnEndOf } from '../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import { findChange } from '../../../domain/feature/state.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { type ChangeView, foldChange } from '../../../domain/feature/view.ts';
import { council, mayor, policy, roster, rule, signature, twoCertified, twoVetoes } from '../../support/fixtures/city.ts';
import { notified, passed, type Story, tell, vetoed } from './story.ts';
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
  rollOf,
  sign,
  tick,
  withdraw,
  wordsOf,
} from './support.ts';

const SECOND = { requirement: 'council', yes: 9, confirmedBy: 'council/at-large-a' };

describe('a veto', () => {
  test('suspends the window and is overturned by nine', () => {
    const story = notified().then(certify(day(80), 1), refuse(day(84), 1));
    // The window would have ended on day 90, with six days left.
    story.is('vetoed', day(100)).refuses(sign(day(85), 1), 'vetoed');
    const resumed = story.goes(override(day(104), 1), 'VoteCertified').confirms(day(104), 1);
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

  test('that too few overturn stands permanently', () => {
    vetoed()
      .then(override(day(20), 1, { votes: rollOf(8, 5) }))
      .is('refused', day(20))
      .refuses(override(day(21), 1), 'closed');
  });

  test('is overturned by a meeting after it, on the words that stand, with a quorum', () => {
    const large = { votes: rollOf(6, 0) };
    vetoed()
      .refuses(override(day(12), 1, { meetingDate: date(10) }), 'meeting-out-of-time', '/meetingDate')
      .refuses(override(day(12), 1, { digest: wordsOf(2) }), 'stale', '/digest')
      .refuses(override(day(12), 1, large), 'no-quorum', '/vote')
      .refuses(override(day(12), 1, { meetingDate: date(13) }), 'meeting-in-future')
      .yields(override(day(12), 1, { meetingDate: date(11) }), 'VoteCertified');
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

  test('cannot be overturned before the mayor refuses, nor by another body', () => {
    const both = { policy: inForce(twoCertified) };
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
});

test('a veto does not keep a change from being withdrawn', () => {
  vetoed()
    .goes(withdraw(day(12), 1), 'ChangeWithdrawn')
    .refuses(refuse(day(13), 1, { comment: wordsOf(9) }), 'closed');
});

/** Returns a requirement as readers see it after a story. */
const requirement = (story: ReturnType<typeof notified>, id: string) => {
  const view = story.events.reduce<ChangeView | undefined>(
    (known, event, index) => foldChange(known, event, index + 1),
    undefined,
  );
  const found = view?.requirements.find((each) => each.id === id);
  return [found?.status, found?.tally?.yes ?? null, found?.override?.tally.yes ?? null];
};

describe('what a reader sees of a council that votes twice', () => {
  test('a second vote that fell short stands apart, and the first result stands', () => {
    const failed = vetoed().then(override(day(20), 1, { votes: rollOf(8, 5) }));
    expect(requirement(failed, 'council')).toStrictEqual(['met', 7, 8]);
    expect(requirement(failed, 'mayor')).toStrictEqual(['refused', null, null]);
  });
  test('a second vote that falls short by its correction, while it waits for its confirmation, is a refusal by that body', () => {
    const corrected = vetoed().then(override(day(20), 1), correct(day(21), 1, { meetingDate: date(20), votes: rollOf(8, 5) }));
    expect(corrected.events.at(-1)).toMatchObject({ type: 'ChangeRefused', requirement: 'council', because: 'correction' });
    expect(corrected.state.changes[0]?.requirements['council']?.status).toBe('refused');
    expect(requirement(corrected, 'council')).toStrictEqual(['refused', 7, 8]);
  });
  test('a correction mends the vote whose meeting it names', () => {
    const overturned = vetoed()
      .then(override(day(20), 1, { votes: rollOf(10, 3) }))
      .confirms(day(20), 1);
    const second = overturned.then(correct(day(21), 1, { meetingDate: date(20), votes: rollOf(9, 4) }));
    expect(requirement(second, 'council')).toStrictEqual(['met', 7, 9]);
    const first = overturned.then(correct(day(21), 1, { meetingDate: date(10), votes: rollOf(11, 1) }));
    expect(requirement(first, 'council')).toStrictEqual(['met', 11, 10]);
    const onAnotherDay = overturned.then(correct(day(21), 1, { meetingDate: date(19), votes: rollOf(9, 4) }));
    expect(requirement(onAnotherDay, 'council')).toStrictEqual(['met', 7, 9]);
    const sameDay = notified()
      .then(certify(day(10), 1), refuse(day(10, '13:00:00.000'), 1), override(day(10, '14:00:00.000'), 1))
      .confirms(day(10, '15:00:00.000'), 1)
      .then(correct(day(11), 1, { meetingDate: date(11), votes: rollOf(10, 3) }));
    expect(requirement(sameDay, 'council')).toStrictEqual(['met', 7, 10]);
    const back = sameDay.then(correct(day(11), 1, { meetingDate: date(10), votes: rollOf(9, 4) }));
    expect(requirement(back, 'council')).toStrictEqual(['met', 7, 9]);
  });
  test('was not overturned by a vote that a corrected record puts before it', () => {
    const overturned = vetoed()
      .then(override(day(20), 1))
      .confirms(day(20), 1);
    const corrected = (on: number, yes: number) => correct(day(21), 1, { meetingDate: date(on), votes: rollOf(yes, 2) });
    const early = policy(rule([council(), mayor({ override: { ...SECOND, within: { notBefore: 'P2D', notAfter: 'P21D' } } })]));
    const rules = { policy: inForce(early) };
    const late = tell(notify(day(0), 1, rules), certify(day(1), 1, rules), refuse(day(2), 1, rules), override(day(5), 1, rules))
      .confirms(day(5), 1, rules)
      .is('enabled', day(5));
    late.refuses(
      correct(day(6), 1, { ...rules, meetingDate: date(3), votes: rollOf(9, 2) }),
      'meeting-out-of-time',
      '/meetingDate',
    );
    overturned
      .is('enabled', day(21))
      .refuses(corrected(9, 9), 'meeting-out-of-time', '/meetingDate')
      .yields(corrected(9, 8), 'VoteCertified', 'ApprovalEnded')
      .yields(corrected(11, 9), 'VoteCertified');
  });
  test('of two second votes no correction tells which one it is of: it ends what they decided', () => {
    const rules = { policy: inForce(twoVetoes) };
    const auditor = { ...rules, requirement: 'auditor', holder: 'auditor' };
    const corrected = (on: number, yes: number) => correct(day(6), 1, { ...rules, meetingDate: date(on), votes: rollOf(yes, 2) });
    const once = tell(notify(day(0), 1, rules), certify(day(1), 1, rules), refuse(day(1), 1, rules), override(day(1), 1, rules))
      .confirms(day(1), 1, rules)
      .then(refuse(day(4), 1, auditor));
    once.is('vetoed', day(6)).yields(corrected(1, 9), 'VoteCertified').yields(corrected(1, 8), 'VoteCertified', 'ChangeRefused');
    const again = once.then(override(day(5), 1, { ...rules, votes: rollOf(10, 2) }));
    again.yields(corrected(5, 11), 'VoteCertified', 'ChangeRefused');
    again
      .confirms(day(5), 1, rules)
      .is('enabled', day(6))
      .yields(corrected(5, 11), 'VoteCertified', 'ApprovalEnded')
      .yields(corrected(1, 11), 'VoteCertified', 'ApprovalEnded');
    const onOtherDays = tell(
      notify(day(0), 1, rules),
      certify(day(1), 1, rules),
      refuse(day(2), 1, rules),
      override(day(3), 1, rules),
    )
      .confirms(day(3), 1, rules)
      .then(refuse(day(4), 1, auditor), override(day(5), 1, { ...rules, votes: rollOf(10, 2) }))
      .confirms(day(5), 1, rules);
    onOtherDays.yields(corrected(3, 11), 'VoteCertified', 'ApprovalEnded').yields(corrected(1, 8), 'VoteCertified');
  });
});

describe('a deadline', () => {
  test('that passes never approves: it opens the override as a refusal would', () => {
    const story = passed();
    story
      .is('pending', justBefore(day(15)))
      .is('vetoed', day(15))
      .is('vetoed', justBefore(day(45)))
      .is('refused', day(45));
    story.yields(sign(justBefore(day(15)), 1), 'SignatureGiven', 'RequirementMet', 'ChangeApproved');
    story
      .refuses(sign(day(15), 1), 'vetoed')
      .goes(tick(day(15)), 'ChangeVetoed')
      .yields(tick(day(45)), 'ChangeRefused');
  });

  test('without an override refuses', () => {
    const rules = {
      policy: inForce(policy(rule([signature('auditor', { deadline: 'P3D' }), signature('mayor')]))),
    };
    tell(notify(day(0), 1, rules))
      .is('pending', justBefore(day(3)))
      .is('refused', day(3))
      .yields(tick(day(3)), 'ChangeRefused');
  });

  test('does not run before the words may be decided', () => {
    const rules = {
      policy: inForce(policy(rule([signature('auditor', { deadline: 'P3D' }), signature('mayor')], { notice: 'P7D' }))),
    };
    tell(notify(day(0), 1, rules))
      .is('pending', justBefore(day(10)))
      .is('refused', day(10));
  });

  test('does not run while a veto of somebody else stands', () => {
    const rules = { policy: inForce(twoVetoes) };
    // The auditor has ten days from day 1, of which one passes before the veto: nine are left when it is overturned on day 20.
    const story = tell(
      notify(day(0), 1, rules),
      certify(day(1), 1, rules),
      refuse(day(2), 1, rules),
      override(day(20), 1, rules),
    ).confirms(day(20), 1, rules);
    story.is('pending', justBefore(day(29))).is('vetoed', day(29));
    story.then(sign(day(28), 1, { ...rules, requirement: 'auditor', holder: 'auditor' })).is('enabled', day(28));
  });
});

/** The deadline of the body that must act, by state and by view. */
const turnEnd = ({ state, events }: Story, at: string) => {
  const now = advanceTo(state, at);
  const change = findChange(now, 1);
  const view = events.reduce<ChangeView | undefined>((before, event, index) => foldChange(before, event, index + 1), undefined);
  return [change && turnEndIn(now, change), view && turnEndOf(view)];
};

test('the turn ends with the deadline of whoever must act, else with the window, and under a veto with the time for a second vote', () => {
  const [window, own, second] = [day(90), day(15), day(41)];
  expect(turnEnd(notified(), day(1))).toEqual([window, window]);
  expect(turnEnd(passed(), day(11))).toEqual([own, own]);
  expect(turnEnd(passed().then(refuse(day(11), 1)), day(12))).toEqual([second, second]);
  const rules = {
    policy: inForce(policy(rule([signature('auditor', { deadline: 'P3D' }), signature('mayor', { deadline: 'P2D' })]))),
  };
  expect(turnEnd(tell(notify(day(0), 1, rules)), day(1))).toEqual([day(2), day(2)]);
});
