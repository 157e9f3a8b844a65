import { describe, expect, test } from 'vitest';
import { irrevocableChanges } from '../../../domain/feature/decide/revoke.ts';
import { evaluate, headWith } from '../../../domain/feature/evaluate.ts';
import type { TermsInput } from '../../../domain/feature/terms.ts';
import { byBallots, COUNCIL, council, mayor, term, withAdvice, withAuditor } from '../../support/fixtures/city.ts';
import { given } from '../../support/given.ts';
import { terms } from './readableTerms.ts';
import { approved, bound, feature, notified, officials, tell, under, vetoed } from './story.ts';
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
const byAuditor = { requirement: 'auditor', holder: 'auditor' };
const others = [2, 3, 4, 5, 6, 7];

describe('a revocation', () => {
  test.each([{}, byCouncil, byAuditor])('is done by each body that had to approve, alone: %j', (who) => {
    under({ policy: inForce(withAuditor) })
      .tell(notify(day(0), 1), certify(day(1), 1), sign(day(2), 1), sign(day(3), 1, byAuditor))
      .goes(revoke(day(4), 1, who), 'ApprovalRevoked')
      .is('revoked', day(4));
  });

  test('is done for a certifying body by its clerk, who names a file, and for no body that had no say', () => {
    approved()
      .refuses(revoke(day(20), 1, { ...byCouncil, fileNumber: null }), 'file-number-missing', '/fileNumber')
      .refuses(revoke(day(20), 1, { ...byCouncil, fileNumber: '' }), 'file-number-missing', '/fileNumber')
      .refuses(revoke(day(20), 1, { ...byCouncil, holder: 'district-1' }), 'may-not-revoke')
      .refuses(revoke(day(20), 1, byAuditor), 'unknown-requirement')
      .refuses(revoke(day(20), 1, { requirement: 'constructor' }), 'unknown-requirement')
      .yields(revoke(day(20), 1, { ...byCouncil, holder: 'deputy-clerk' }), 'ApprovalRevoked');
  });

  test('for ballots is done by any member', () => {
    under({ policy: inForce(byBallots) })
      .tell(notify(day(0), 1), ...COUNCIL.slice(0, 7).map((seat) => ballot(day(1), 1, seat)), sign(day(2), 1))
      .refuses(revoke(day(3), 1, { requirement: 'council', holder: 'clerk' }), 'may-not-revoke')
      .goes(revoke(day(3), 1, { requirement: 'council', holder: 'at-large-b' }), 'ApprovalRevoked')
      .is('revoked', day(3));
  });

  test('is done by who holds the office now', () => {
    const next = officials({ mayor: { to: date(15) } }, term('mayor', 'mayor', { id: 'successor', from: date(16) }));
    approved()
      .refuses(revoke(day(16), 1, next), 'may-not-revoke')
      .refuses(revoke(day(16), 1, { roster: null }), 'may-not-revoke')
      .yields(revoke(day(15), 1, next), 'ApprovalRevoked')
      .yields(revoke(day(16), 1, { ...next, holder: 'successor' }), 'ApprovalRevoked');
  });

  test('is beyond reach where no body is left that could make it', () => {
    const [council, alone] = [{ seats: ['one'], attestedBy: 'clerk' }, { seats: ['one'] }];
    const advised = under({ policy: inForce(withAdvice) }).tell(notify(day(0), 1), certify(day(1), 1), sign(day(2), 1));
    const overridden = vetoed()
      .then(override(day(20), 1))
      .confirms(day(20), 1);
    for (const [story, bodies, beyond] of [
      [notified(), {}, []],
      [approved(), {}, [1]],
      [approved(), { council }, []],
      [approved(), { council: alone }, [1]],
      [approved(), { mayor: alone }, []],
      [overridden, { mayor: alone }, [1]],
      [overridden, { council }, []],
      [advised, { board: alone }, [1]],
      [advised, { mayor: alone }, []],
    ] as const)
      expect(irrevocableChanges(story.state, bodies)).toEqual(beyond);
  });

  test('is not for a body whose refusal was overridden in that very approval; in the next, which it signed, it is', () => {
    vetoed()
      .then(override(day(20), 1))
      .confirms(day(20), 1)
      .refuses(revoke(day(21), 1), 'may-not-revoke')
      .yields(revoke(day(21), 1, byCouncil), 'ApprovalRevoked')
      .then(notify(day(21), 2), ...adoption(2, {}, 21))
      .yields(revoke(day(40), 2), 'ApprovalRevoked');
  });

  test('is of the change in force, until the instant in which its approval ends', () => {
    approved()
      .refuses(revoke(day(20), 2), 'unknown-change')
      .then(revoke(day(20), 1))
      .refuses(revoke(day(21), 1, byCouncil), 'not-in-force');
    notified()
      .refuses(revoke(day(20), 1), 'not-in-force')
      .then(withdraw(day(20), 1))
      .refuses(revoke(day(21), 1), 'not-in-force');
    approved({ notice: facts({ endsAt: day(40) }) })
      .yields(revoke(justBefore(day(40)), 1), 'ApprovalRevoked')
      .refuses(revoke(day(40), 1), 'not-in-force');
    const rounds = others.flatMap((n) => [notify(day(20 * n), n), ...adoption(n, {}, 20 * n)]);
    approved()
      .then(...rounds)
      .refuses(revoke(day(152), 1), 'closed');
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

  test('is one, however often it is sent, and is ended by a full new round only', () => {
    const command = revoke(day(20), 1);
    approved()
      .then(command)
      .yields({ ...command, at: day(25) })
      .then(notify(day(21), 2), certify(day(31), 2))
      .is('revoked', day(31))
      .then(sign(day(32), 2))
      .is('enabled', day(32));
  });
});

describe('a withdrawal', () => {
  test('closes an open change, once', () => {
    const command = withdraw(day(3), 1);
    const { digest, provenance } = command;
    given(feature, ...notified().events)
      .when(command)
      .then({ type: 'ChangeWithdrawn', v: 1, at: day(3), change: 1, digest, provenance });
    notified()
      .then(command)
      .is('withdrawn', day(3))
      .yields(withdraw(day(5), 1));
    vetoed()
      .then(withdraw(day(12), 1))
      .is('withdrawn', day(60));
    tell(...[1, ...others].map((n) => notify(day(0), n)), ...others.map((n) => withdraw(day(1), n)))
      .then(withdraw(day(2), 1))
      .yields(withdraw(day(3), 1));
  });

  test('of no change, or of one that is closed, is refused: it cannot take back what was approved, or could be held back', () => {
    notified()
      .refuses(withdraw(day(3), 2), 'unknown-change')
      .refuses(withdraw(day(3), 0), 'unknown-change')
      .refuses(withdraw(day(90), 1), 'closed')
      .yields(withdraw(justBefore(day(90)), 1), 'ChangeWithdrawn');
    approved().refuses(withdraw(day(12), 1), 'closed');
  });
});

describe('a removal', () => {
  const removal = (effectiveAt: string | null = null) => ({ notice: facts({ kind: 'removal', effectiveAt }) });

  test('needs no approval: off immediately, and open changes close', () => {
    const command = notify(day(21), 3, removal());
    const story = approved()
      .then(notify(day(20), 2))
      .goes(command, 'ChangeNotified', 'FeatureRemoved');
    const removed = { type: 'FeatureRemoved', v: 1, at: day(21), change: 3, effectiveAt: day(21), closes: [2, 3] };
    expect(story.events.at(-1)).toStrictEqual(removed);
    story
      .is('removed', day(21))
      .refuses(certify(day(31), 2), 'closed')
      .yields({ ...command, at: day(22) });
    expect(story.status(2, day(21))).toBe('removed');
  });

  test('takes effect at its date, not before, and a later one puts nothing on again', () => {
    approved()
      .then(notify(day(20), 2, removal(day(30))))
      .is('enabled', justBefore(day(30)))
      .is('removed', day(30));
    approved()
      .then(notify(day(20), 2, removal()), notify(day(21), 3, removal(day(60))))
      .is('removed', day(22));
    for (const [first, second, named] of [
      [30, 60, 2],
      [60, 30, 3],
    ] as const) {
      const story = approved().then(notify(day(20), 2, removal(day(first))), notify(day(21), 3, removal(day(second))));
      const limitedBy = { change: `acme/${named}`, by: 'removal' };
      expect(evaluate('acme', [headWith(story.state)], {}, day(22))).toMatchObject({ validUntil: day(30), limitedBy });
    }
  });

  test('is ended by a full new round only; of a feature that was never approved it is off as removed', () => {
    approved()
      .then(notify(day(20), 2, removal()), notify(day(30), 3), certify(day(40), 3))
      .is('removed', day(40))
      .then(sign(day(41), 3))
      .is('enabled', day(41));
    tell(notify(day(0), 1, removal(day(9)))).is('removed', day(0));
  });
});

describe('the end of an approval', () => {
  const valid = (input: TermsInput, endsAt: string | null, term?: string) =>
    under(bound([council(), mayor()], term === undefined ? {} : { term }))
      .notified({ notice: facts({ endsAt }) })
      .then(...adoption(1, terms(input)));

  test.each<[string, TermsInput, string | null, string | undefined, string | null]>([
    ['the notice', { until: day(50) }, day(40), 'P2M', day(40)],
    ['the terms', { until: day(30) }, day(40), 'P2M', day(30)],
    ['the rule', { until: day(90) }, day(80), 'P1M', day(42)],
    ['nothing', {}, null, undefined, null],
  ])('is the earliest of what sets one: %s', (_, input, endsAt, term, until) => {
    expect(valid(input, endsAt, term).state.changes[0]?.approved?.validUntil).toBe(until);
  });
});
