import { describe, test } from 'vitest';
import { policy, rule, signature, twoVetoes } from '../../support/fixtures/city.ts';
import { passed, tell } from './story.ts';
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
