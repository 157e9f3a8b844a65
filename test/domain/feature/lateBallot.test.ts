import { describe, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { COUNCIL } from '../../support/fixtures/city.ts';
import { cast, no, open, rules, signed, yes } from './ballotStory.ts';
import { ballot, day, justBefore, notify, revoke, sign, withdraw } from './support.ts';

describe('a late ballot', () => {
  const late = 'at-large-b';

  test('is recorded once and changes nothing, before and after the approval', () => {
    const met = open().then(...yes(7));
    met
      .goes(cast(day(3), late, no), 'BallotCast')
      .refuses(cast(day(4), late), 'already-decided')
      .then(signed(day(4)))
      .is('enabled', day(4));
    met
      .then(signed(day(2)))
      .goes(cast(day(3), late, no), 'BallotCast')
      .is('enabled', day(3))
      .refuses(cast(day(4), late), 'already-decided');
  });

  test('is recorded after a refusal, a revocation, an expiry and a newer approval', () => {
    open()
      .then(...yes(7, day(1), no))
      .goes(cast(day(3), late), 'BallotCast')
      .is('refused', day(3));
    const on = open().then(...yes(7), signed(day(2)));
    on.then(revoke(day(3), 1, rules))
      .goes(cast(day(4), late), 'BallotCast')
      .is('revoked', day(4));
    const ending = { terms: { ...NO_TERMS, until: day(5) } };
    open()
      .then(...yes(7, day(1), ending), sign(day(2), 1, { ...rules, ...ending }))
      .goes(cast(day(6), late), 'ApprovalEnded', 'BallotCast')
      .is('expired', day(6));
    const newer = COUNCIL.slice(0, 7).map((seat) => ballot(day(4), 2, seat, rules));
    on.then(notify(day(3), 2, rules), ...newer, sign(day(5), 2, rules))
      .goes(cast(day(6), late), 'BallotCast')
      .is('enabled', day(6));
  });

  test('is recorded while the window is open, however many changes closed since', () => {
    const others = [2, 3, 4, 5, 6, 7].flatMap((n) => [notify(day(3), n, rules), withdraw(day(4), n, rules)]);
    open()
      .then(...yes(7), signed(day(2)), ...others)
      .yields(cast(day(5), late), 'BallotCast');
    open()
      .then(...yes(7, day(1), no), ...others)
      .yields(cast(day(5), late), 'BallotCast');
  });

  test('comes too late when the window has ended', () => {
    const on = open().then(...yes(7), signed(day(2)));
    on.yields(cast(justBefore(day(60)), late), 'BallotCast').refuses(cast(day(60), late), 'closed');
    open()
      .then(...yes(6))
      .refuses(cast(day(60), late), 'closed');
    open()
      .then(...yes(6), withdraw(day(2), 1, rules))
      .refuses(cast(day(3), late), 'closed');
  });

  test('needs no terms and sets none', () => {
    const terms = { ...NO_TERMS, audience: ['Police'] };
    const on = open().then(...yes(7, day(1), { terms }));
    on.then(cast(day(2), late)).yields(
      sign(day(3), 1, { ...rules, terms }),
      'SignatureGiven',
      'RequirementMet',
      'ChangeApproved',
    );
  });
});
