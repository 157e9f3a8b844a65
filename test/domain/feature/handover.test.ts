import { describe, test } from 'vitest';
import { byBallots, withAdvice } from '../../support/fixtures/city.ts';
import { approved, notified, passed, vetoed } from './story.ts';
import { advise, ballot, certify, confirm, correct, day, override, refuse, revoke, sign, withdraw } from './support.ts';

const MAYOR = { handovers: ['mayor'] };
const CLERK = { handovers: ['clerk'] };

describe('a holder whose links are about to go to somebody else', () => {
  test('neither signs nor refuses', () => {
    passed()
      .refuses(sign(day(11), 1, MAYOR), 'handover-pending')
      .refuses(refuse(day(11), 1, MAYOR), 'handover-pending');
  });
  test('certifies, overrides and corrects nothing', () => {
    notified().refuses(certify(day(10), 1, CLERK), 'handover-pending');
    vetoed().refuses(override(day(12), 1, CLERK), 'handover-pending');
    approved().refuses(correct(day(12), 1, CLERK), 'handover-pending');
  });
  test('confirms and disputes no certificate', () => {
    const waiting = vetoed().then(override(day(20), 1));
    const act = waiting.state.changes[0]?.confirmation?.act ?? '';
    const handovers = ['at-large-a'];
    waiting
      .refuses(confirm(day(21), 1, act, { handovers }), 'handover-pending')
      .refuses(confirm(day(21), 1, act, { handovers, decision: 'dispute' }), 'handover-pending');
  });
  test('gives no ballot and no advice', () => {
    notified({ policy: { number: 1, policy: byBallots } }).refuses(
      ballot(day(2), 1, 'district-1', { handovers: ['district-1'] }),
      'handover-pending',
    );
    notified({ policy: { number: 1, policy: withAdvice } }).refuses(
      advise(day(2), 1, 'board-1', { handovers: ['board-1'] }),
      'handover-pending',
    );
  });
  test('still revokes; other holders can do everything', () => {
    approved().goes(revoke(day(12), 1, CLERK), 'ApprovalRevoked');
    passed().goes(sign(day(11), 1, CLERK), 'SignatureGiven', 'RequirementMet', 'ChangeApproved');
    passed().goes(withdraw(day(11), 1, MAYOR), 'ChangeWithdrawn');
  });
  test('who decided before the filing sends the same form again without harm', () => {
    approved().goes(sign(day(11), 1, MAYOR));
  });
});
