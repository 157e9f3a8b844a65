import { describe, expect, test } from 'vitest';
import { foretell } from '../../../domain/feature/effect.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { approved, type Story, tell } from './story.ts';
import { adoption, certify, day, facts, notify, revoke, sign } from './support.ts';

const forced = { notice: facts({ kind: 'update', optOut: 'no' }) };
const LATER = { ...NO_TERMS, from: day(60) };

/** Returns what is foretold, and what came of the approval then. */
const both = (story: Story, n: number, at: string, terms = NO_TERMS) => {
  const foretold = foretell(story.state, n, terms, at);
  const { events } = story.then(certify(at, n, { terms }), sign(at, n, { terms }));
  return { foretold, came: events.findLast((event) => event.type === 'ChangeApproved') };
};

describe('what an approval now would do', () => {
  test('is nothing where later words are in force: it is replaced at once', () => {
    const story = tell(notify(day(0), 1), notify(day(1), 2), ...adoption(2));
    const { foretold, came } = both(story, 1, day(12));
    expect(foretold).toStrictEqual({ becomes: 'replaced', by: 2 });
    expect(came).toMatchObject({ becomes: 'replaced' });
  });

  test('is to begin later, while what is in force stays on', () => {
    const { foretold, came } = both(approved().then(notify(day(20), 2)), 2, day(30), LATER);
    expect(foretold).toStrictEqual({ becomes: 'waiting', at: day(60), meanwhile: 1 });
    expect(came).toMatchObject({ becomes: 'waiting' });
    expect(foretell(tell(notify(day(0), 1)).state, 1, LATER, day(10))).toStrictEqual({
      becomes: 'waiting',
      at: day(60),
      meanwhile: null,
    });
  });

  test('is an approval that stays off where words run that arrived later', () => {
    const ran = tell(notify(day(0), 1), notify(day(1), 2, forced));
    expect(foretell(ran.state, 1, NO_TERMS, day(10))).toStrictEqual({ becomes: 'outdated', by: [2] });
    const revoked = ran.then(...adoption(2), revoke(day(12), 2));
    expect(foretell(revoked.state, 1, NO_TERMS, day(13))).toStrictEqual({ becomes: 'outdated', by: [2] });
  });

  test('is to be in force at once, in place of what was', () => {
    const { foretold, came } = both(approved().then(notify(day(20), 2)), 2, day(30));
    expect(foretold).toStrictEqual({ becomes: 'in-force', replaces: [1] });
    expect(came).toMatchObject({ becomes: 'in-force', replaces: [1] });
  });
});
