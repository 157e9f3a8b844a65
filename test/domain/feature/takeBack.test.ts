import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { council, mayor, policy, roster, rule, signature } from '../../support/fixtures/city.ts';
import { passed, tell, vetoed } from './story.ts';
import { certify, day, inForce, justBefore, notify, override, refuse, revise, sign, tick, wordsOf } from './support.ts';

const REASON = digestOf('a wrong click');
const back = (at: string, over: object = {}) => sign(at, 1, { decision: 'take-back', comment: REASON, ...over });
const soon = day(11, '12:30:00.000');

describe('a refusal', () => {
  test('is taken back by who gave it: it waits for a decision again, and the person can sign', () => {
    vetoed()
      .goes(back(soon), 'SignatureGiven')
      .is('pending', soon)
      .yields(back(soon))
      .goes(sign(day(12), 1), 'SignatureGiven', 'RequirementMet', 'ChangeApproved')
      .is('enabled', day(12));
  });

  test('can be given again in the same words, and taken back again', () => {
    vetoed()
      .then(back(soon))
      .goes(refuse(day(11, '12:40:00.000'), 1), 'SignatureGiven', 'ChangeVetoed')
      .goes(back(day(11, '12:50:00.000')), 'SignatureGiven');
  });

  test('leaves what was done before it known: the certificate or the notice sent again changes nothing', () => {
    vetoed()
      .yields(certify(day(10), 1))
      .yields(notify(day(0), 1))
      .then(back(soon))
      .yields(certify(day(10), 1))
      .yields(notify(day(0), 1));
  });

  test('is taken back within 24 hours', () => {
    vetoed()
      .yields(back(justBefore(day(12))), 'SignatureGiven')
      .refuses(back(day(12)), 'too-late');
  });

  test('is not taken back once a second vote is certified, disputed or not', () => {
    vetoed()
      .then(override(day(11, '12:20:00.000'), 1))
      .refuses(back(soon), 'too-late');
  });

  test('is taken back with a reason, by a person still in office, on the words it was on', () => {
    vetoed()
      .refuses(back(soon, { comment: null }), 'reason-missing', '/reason')
      .refuses(back(soon, { holder: 'district-1' }), 'not-in-office')
      .refuses(back(soon, { revision: 2 }), 'stale', '/revision');
    vetoed()
      .then(revise(soon, 1, 2))
      .refuses(back(day(11, '12:40:00.000'), { revision: 2, digest: wordsOf(1, 2) }), 'nothing-to-take-back');
  });

  test('is not taken back by another person in the same seat', () => {
    const successor = { number: 2, roster: roster({ mayor: { id: 'successor' } }) };
    vetoed().refuses(back(soon, { holder: 'successor', roster: successor }), 'nothing-to-take-back');
  });

  test('cannot be taken back where silence refused, nor before any refusal', () => {
    passed().refuses(back(soon), 'nothing-to-take-back');
    passed()
      .then(tick(day(15, '13:00:00.000')))
      .refuses(back(day(15, '14:00:00.000')), 'nothing-to-take-back');
  });

  test('that ended the change stays: only a veto is taken back', () => {
    const rules = { policy: inForce(policy(rule([signature('mayor'), signature('auditor')]))) };
    tell(notify(day(0), 1, rules), refuse(day(1), 1, rules)).refuses(back(day(1, '13:00:00.000'), rules), 'closed');
  });
});

test('its deadline runs on: what is left of it is what was left, and nothing is taken back after it', () => {
  const late = passed().then(refuse(day(15, '11:00:00.000'), 1));
  late.refuses(back(day(15, '12:00:00.000')), 'too-late');
  const answered = late.then(back(day(15, '11:30:00.000')));
  expect(answered.state.changes[0]?.requirements['mayor']).toMatchObject({ status: 'open', deadlineAt: day(15) });
  answered.is('pending', justBefore(day(15))).is('vetoed', day(15));
});

test('nothing is taken back once the change would have lapsed meanwhile', () => {
  const rules = { policy: inForce(policy(rule([council(), mayor()], { window: 'P12D' }))) };
  const refusal = refuse(day(11, '20:00:00.000'), 1, rules);
  tell(notify(day(0), 1, rules), certify(day(10), 1, rules), refusal)
    .yields(back(justBefore(day(12)), rules), 'SignatureGiven')
    .refuses(back(day(12), rules), 'too-late');
});

test('the clocks of the others, who could not act meanwhile, end later by as much', () => {
  const both = policy(
    rule([council(), mayor(), signature('auditor', { after: ['council'], deadline: 'P5D' })], { window: 'P90D' }),
  );
  const rules = { policy: inForce(both) };
  const story = tell(notify(day(0), 1, rules), certify(day(10), 1, rules), refuse(day(11), 1, rules), back(soon, rules));
  expect(story.state.changes[0]?.requirements['auditor']?.deadlineAt).toBe(day(15, '12:30:00.000'));
  expect(story.state.changes[0]?.closesAt).toBe(day(90));
});
