import { describe, expect, test } from 'vitest';
import { turnEndIn, turnEndOf } from '../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import { findChange } from '../../../domain/feature/state.ts';
import { type ChangeView, foldChange } from '../../../domain/feature/view.ts';
import { policy, rule, signature, twoVetoes } from '../../support/fixtures/city.ts';
import { notified, passed, type Story, tell } from './story.ts';
import { certify, day, inForce, justBefore, notify, override, refuse, sign, tick } from './support.ts';

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

/** By when whoever must act has to, as state and view have it. */
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
