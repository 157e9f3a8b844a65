import { describe, expect, test } from 'vitest';
import type { TermsInput } from '../../../domain/feature/terms.ts';
import { byBallots, COUNCIL, council, mayor, policy, roster, rule, term, withAuditor } from '../../support/fixtures/city.ts';
import { given } from '../../support/given.ts';
import { terms } from './readableTerms.ts';
import { approved, feature, notified, tell, vetoed } from './story.ts';
import {
  adoption,
  ballot,
  certify,
  date,
  day,
  facts,
  inForce,
  justBefore,
  notify,
  override,
  revoke,
  sign,
  withdraw,
} from './support.ts';

const byCouncil = { requirement: 'council', holder: 'clerk', fileNumber: '26-0303' };

describe('a revocation', () => {
  test('is done by each body that had to approve, alone', () => {
    const rules = { policy: inForce(withAuditor) };
    const on = tell(
      notify(day(0), 1, rules),
      certify(day(1), 1, rules),
      sign(day(2), 1, rules),
      sign(day(3), 1, { ...rules, requirement: 'auditor', holder: 'auditor' }),
    );
    for (const who of [{}, byCouncil, { requirement: 'auditor', holder: 'auditor' }]) {
      on.goes(revoke(day(4), 1, { ...rules, ...who }), 'ApprovalRevoked').is('revoked', day(4));
    }
  });

  test('for a certifying body is done by its clerk, who names a file', () => {
    approved()
      .refuses(revoke(day(20), 1, { ...byCouncil, fileNumber: null }), 'file-number-missing', '/fileNumber')
      .refuses(revoke(day(20), 1, { ...byCouncil, fileNumber: '' }), 'file-number-missing', '/fileNumber')
      .refuses(revoke(day(20), 1, { ...byCouncil, holder: 'district-1' }), 'may-not-revoke')
      .yields(revoke(day(20), 1, { ...byCouncil, holder: 'deputy-clerk' }), 'ApprovalRevoked');
  });

  test('for ballots is done by any member', () => {
    const rules = { policy: inForce(byBallots) };
    const on = tell(
      notify(day(0), 1, rules),
      ...COUNCIL.slice(0, 7).map((seat) => ballot(day(1), 1, seat, rules)),
      sign(day(2), 1, rules),
    );
    on.goes(revoke(day(3), 1, { ...rules, requirement: 'council', holder: 'at-large-b' }), 'ApprovalRevoked').is(
      'revoked',
      day(3),
    );
    on.refuses(revoke(day(3), 1, { ...rules, requirement: 'council', holder: 'clerk' }), 'may-not-revoke');
  });

  test('is done by who holds the office now', () => {
    const next = {
      roster: {
        number: 2,
        roster: roster({ mayor: { to: date(15) } }, term('mayor', 'mayor', { id: 'successor', from: date(16) })),
      },
    };
    approved()
      .refuses(revoke(day(16), 1, next), 'may-not-revoke')
      .refuses(revoke(day(16), 1, { roster: null }), 'may-not-revoke')
      .yields(revoke(day(15), 1, next), 'ApprovalRevoked')
      .yields(revoke(day(16), 1, { ...next, holder: 'successor' }), 'ApprovalRevoked');
  });

  test('is not for a body whose refusal was overridden in that very approval', () => {
    vetoed()
      .then(override(day(20), 1))
      .confirms(day(20), 1)
      .refuses(revoke(day(21), 1), 'may-not-revoke')
      .yields(revoke(day(21), 1, byCouncil), 'ApprovalRevoked');
    // In the next approval, which the mayor signed, the mayor may.
    vetoed()
      .then(override(day(20), 1))
      .confirms(day(20), 1)
      .then(notify(day(21), 2), ...adoption(2, {}, 21))
      .yields(revoke(day(40), 2), 'ApprovalRevoked');
  });

  test('of a body that had no say is refused', () => {
    approved()
      .refuses(revoke(day(20), 1, { requirement: 'auditor', holder: 'auditor' }), 'unknown-requirement')
      .refuses(revoke(day(20), 1, { requirement: 'constructor' }), 'unknown-requirement');
  });

  test('is of the change in force', () => {
    approved()
      .refuses(revoke(day(20), 2), 'unknown-change')
      .then(revoke(day(20), 1))
      .refuses(revoke(day(21), 1, byCouncil), 'not-in-force');
    notified()
      .refuses(revoke(day(20), 1), 'not-in-force')
      .then(withdraw(day(20), 1))
      .refuses(revoke(day(21), 1), 'not-in-force');
  });

  test('comes too late at the instant in which the approval ends', () => {
    const ending = approved({ notice: facts({ endsAt: day(40) }) });
    ending.yields(revoke(justBefore(day(40)), 1), 'ApprovalRevoked').refuses(revoke(day(40), 1), 'not-in-force');
  });

  test('never falls back to an older approval, nor does an expiry', () => {
    const newer = (endsAt: string | null) =>
      approved().then(notify(day(20), 2, { notice: facts({ endsAt }) }), ...adoption(2, {}, 20));
    newer(null)
      .is('enabled', day(32))
      .then(revoke(day(33), 2))
      .is('revoked', day(33))
      .refuses(revoke(day(34), 1), 'not-in-force');
    newer(day(50))
      .is('enabled', justBefore(day(50)))
      .is('expired', day(50))
      .is('expired', day(500));
  });

  test('is ended by a full new round only', () => {
    const again = approved()
      .then(revoke(day(20), 1), notify(day(21), 2))
      .is('revoked', day(22));
    again
      .then(certify(day(31), 2))
      .is('revoked', day(31))
      .then(sign(day(32), 2))
      .is('enabled', day(32));
  });

  test('of a change that the state no longer holds is refused as closed', () => {
    const rounds = [2, 3, 4, 5, 6, 7].flatMap((n) => [notify(day(20 * n), n), ...adoption(n, {}, 20 * n)]);
    approved()
      .then(...rounds)
      .refuses(revoke(day(152), 1), 'closed');
  });

  test('is one, however often it is sent', () => {
    const command = revoke(day(20), 1);
    given(feature, ...approved().then(command).events)
      .when({ ...command, at: day(25) })
      .thenNothing();
    expect(approved().then(command).status(1, day(25))).toBe('revoked');
  });
});

describe('a withdrawal', () => {
  test('closes an open change', () => {
    const command = withdraw(day(3), 1);
    const { digest, provenance } = command;
    given(feature, ...notified().events)
      .when(command)
      .then({ type: 'ChangeWithdrawn', v: 1, at: day(3), change: 1, digest, provenance });
    notified()
      .then(withdraw(day(3), 1))
      .is('withdrawn', day(3));
    vetoed()
      .then(withdraw(day(12), 1))
      .is('withdrawn', day(12))
      .is('withdrawn', day(60));
  });

  test('is one, however often it is sent', () => {
    given(feature, ...notified().then(withdraw(day(3), 1)).events)
      .when(withdraw(day(5), 1))
      .thenNothing();
  });

  test('of a change that does not exist is refused', () => {
    notified()
      .refuses(withdraw(day(3), 2), 'unknown-change')
      .refuses(withdraw(day(3), 0), 'unknown-change');
  });

  test('of a change that is closed is refused: it cannot take back what was approved, or could be held back', () => {
    approved().refuses(withdraw(day(12), 1), 'closed');
    notified()
      .refuses(withdraw(day(90), 1), 'closed')
      .yields(withdraw(justBefore(day(90)), 1), 'ChangeWithdrawn');
    const others = [2, 3, 4, 5, 6, 7];
    tell(...[1, ...others].map((n) => notify(day(0), n)), ...others.map((n) => withdraw(day(1), n)))
      .then(withdraw(day(2), 1))
      .yields(withdraw(day(3), 1));
  });
});

const removal = (effectiveAt: string | null = null) => ({ notice: facts({ kind: 'removal', effectiveAt }) });

describe('a removal', () => {
  test('needs no approval: off immediately, and open changes close', () => {
    const story = approved()
      .then(notify(day(20), 2))
      .goes(notify(day(21), 3, removal()), 'ChangeNotified', 'FeatureRemoved');
    expect(story.events.at(-1)).toStrictEqual({
      type: 'FeatureRemoved',
      v: 1,
      at: day(21),
      change: 3,
      effectiveAt: day(21),
      closes: [2, 3],
    });
    story.is('removed', day(21)).refuses(certify(day(31), 2), 'closed');
    expect(story.status(2, day(21))).toBe('removed');
  });

  test('takes effect at its date, not before', () => {
    approved()
      .then(notify(day(20), 2, removal(day(30))))
      .is('enabled', justBefore(day(30)))
      .is('removed', day(30));
  });

  test('that names a later date than an earlier one puts nothing on again', () => {
    approved()
      .then(notify(day(20), 2, removal()), notify(day(21), 3, removal(day(60))))
      .is('removed', day(22));
  });

  test('is ended by a full new round only', () => {
    const back = approved()
      .then(notify(day(20), 2, removal()), notify(day(30), 3))
      .is('removed', day(31));
    back
      .then(certify(day(40), 3))
      .is('removed', day(40))
      .then(sign(day(41), 3))
      .is('enabled', day(41));
  });

  test('of a feature that was never approved is off as removed', () => {
    tell(notify(day(0), 1, removal(day(9))))
      .is('removed', day(0))
      .is('removed', day(9));
  });

  test('taken in twice is one', () => {
    const command = notify(day(20), 2, removal());
    given(feature, ...approved().then(command).events)
      .when({ ...command, at: day(22) })
      .thenNothing();
  });
});

describe('the end of an approval', () => {
  const valid = (input: TermsInput, endsAt: string | null, term?: string) => {
    const rules = { policy: inForce(policy(rule([council(), mayor()], term === undefined ? {} : { term }))) };
    const story = tell(
      notify(day(0), 1, { ...rules, notice: facts({ endsAt }) }),
      certify(day(10), 1, { ...rules, ...terms(input) }),
      sign(day(11), 1, { ...rules, ...terms(input) }),
    );
    return { story, until: story.state.changes[0]?.approved?.validUntil };
  };

  test.each<[string, TermsInput, string | null, string | undefined, string | null]>([
    ['the notice', { until: day(50) }, day(40), 'P2M', day(40)],
    ['the terms', { until: day(30) }, day(40), 'P2M', day(30)],
    ['the rule', { until: day(90) }, day(80), 'P1M', day(42)],
    ['nothing', {}, null, undefined, null],
  ])('is the earliest of what sets one: %s', (_, input, endsAt, term, until) => {
    expect(valid(input, endsAt, term).until).toBe(until);
  });

  test('is already over when the notice ended before it was approved', () => {
    valid({}, day(5)).story.is('expired', day(11));
  });
});
