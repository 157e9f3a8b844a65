import { describe, expect, test } from 'vitest';
import { ballots, policy, roster, rule, signature } from '../../support/fixtures/city.ts';
import { tell } from './story.ts';
import { certify, day, facts, inForce, notify, revise, withdraw } from './support.ts';

const removal = (effectiveAt: string | null = null) => ({ notice: facts({ kind: 'removal', effectiveAt }) });

describe('room', () => {
  const sixteen = (over = {}) => Array.from({ length: 16 }, (_, index) => notify(day(0), index + 1, over));

  test('sixteen changes may be open at a time, a seventeenth is refused', () => {
    tell(...sixteen()).refuses(notify(day(1), 17), 'too-many-open');
  });

  test('changes of large bodies are refused before there are sixteen, rather than crowd out a ballot', () => {
    const large = Array.from({ length: 200 }, (_, index) => `members-${index}`);
    const city = roster();
    const body = { ...city, bodies: { ...city.bodies, council: { name: 'City Council', seats: large, attestedBy: 'clerk' } } };
    const context = {
      roster: { number: 1, roster: body },
      policy: inForce(policy(rule([ballots(), signature('mayor')]))),
    };
    const story = tell(...[1, 2, 3].map((n) => notify(day(0), n, context)));
    story.refuses(notify(day(0), 4, context), 'too-many-open');
    story.refuses(revise(day(1), 3, 2, { ...context, notice: facts({ version: 'v'.repeat(6000) }) }), 'too-many-open');
  });

  test('a change that ended makes room, also when no clock said so', () => {
    tell(...sixteen())
      .then(withdraw(day(1), 3))
      .yields(notify(day(2), 17), 'ChangeNotified');
    const lapsed = tell(...sixteen()).then(notify(day(90), 17));
    expect(lapsed.status(17, day(91))).toBe('pending');
  });

  test('sixteen changes that all ended in two steps make room for the next, with no clock', () => {
    const changes = sixteen();
    const seven = changes.map((_, index) => certify(day(10), index + 1));
    const story = tell(...changes, ...seven);
    // Deadlines passed on day 15 and none was overturned by day 45: thirty-two events, more than a commit holds.
    expect(story.then(notify(day(50), 17)).status(17, day(50))).toBe('pending');
  });

  test('a removal always fits', () => {
    tell(...sixteen())
      .goes(notify(day(1), 17, removal()), 'ChangeNotified', 'FeatureRemoved')
      .is('removed', day(1));
  });
});
