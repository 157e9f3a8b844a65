import { describe, test } from 'vitest';
import { council, policy, rule, signature } from '../../support/fixtures/city.ts';
import { terms } from './readableTerms.ts';
import { tell } from './story.ts';
import { certify, day, inForce, notify, sign } from './support.ts';

const bound = (...require: Parameters<typeof rule>[0]) => ({
  policy: inForce(policy(rule(require, { window: 'P90D' }))),
});

describe('a requirement that comes after two others', () => {
  const rules = bound(council(), signature('auditor'), signature('mayor', { after: ['council', 'auditor'] }));
  const bySigner = (holder: string) => ({ ...rules, requirement: holder, holder });

  test('opens after both, whichever of them comes first', () => {
    const start = tell(notify(day(0), 1, rules));
    start.then(certify(day(1), 1, rules)).refuses(sign(day(2), 1, bySigner('mayor')), 'not-yet');
    start.then(sign(day(1), 1, bySigner('auditor'))).refuses(sign(day(2), 1, bySigner('mayor')), 'not-yet');
    start
      .then(sign(day(1), 1, bySigner('auditor')), certify(day(2), 1, rules))
      .yields(sign(day(3), 1, bySigner('mayor')), 'SignatureGiven', 'RequirementMet', 'ChangeApproved');
  });
});

describe('terms that a signature sets, because it comes first', () => {
  const rules = bound(council(), signature('auditor'));
  const police = terms({ audience: ['Police'] });
  const signed = () =>
    tell(notify(day(0), 1, rules), sign(day(1), 1, { ...rules, ...police, requirement: 'auditor', holder: 'auditor' }));

  test('bind the certificate that follows', () => {
    signed()
      .refuses(certify(day(2), 1, rules), 'other-terms')
      .refuses(certify(day(2), 1, { ...rules, ...terms({ audience: ['Fire'] }) }), 'other-terms')
      .goes(certify(day(2), 1, { ...rules, ...police }), 'VoteCertified', 'RequirementMet', 'ChangeApproved')
      .is('audience', day(2))
      .is('enabled', day(2), { agencies: ['Police'] });
  });
});
