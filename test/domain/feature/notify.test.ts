import { describe, expect, test } from 'vitest';
import { Notice } from '../../../domain/feature/notice.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { ballots, council, mayor, roster, signature } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { given } from '../../support/given.ts';
import { approved, bound, feature, notified, tell, under, vetoed } from './story.ts';
import { adoption, certify, day, facts, justBefore, notify, revise, sign, tick, withdraw, wordsOf } from './support.ts';

const removal = { notice: facts({ kind: 'removal' }) };

describe('a new change', () => {
  test('is pinned to the policy of its arrival, with its clocks started', () => {
    const command = notify(day(0), 1);
    given(feature)
      .when(command)
      .then({
        type: 'ChangeNotified',
        v: 1,
        at: day(0),
        change: 1,
        key: 'acme',
        command: command.command,
        revision: 1,
        digest: wordsOf(1),
        notice: command.notice,
        provenance: command.provenance,
        pinned: {
          policy: 1,
          rule: 'everything-else',
          require: [council(), mayor()],
          term: 'P1Y',
          missing: [],
          from: day(7),
          closesAt: day(90),
          opens: [{ requirement: 'council', deadlineAt: null, overrideUntil: null }],
        },
      });
  });

  test('is held while no policy is adopted, and nothing can approve it', () => {
    const story = under({ policy: null })
      .notified()
      .is('pending', day(0))
      .refuses(certify(day(10), 1), 'no-policy');
    expect(story.events[0]).toMatchObject({ pinned: null });
  });

  test('is taken in once, however often its notice comes, also after it was revised', () => {
    const [first, second] = [notify(day(0), 1), revise(day(1), 1, 2)];
    tell(first)
      .yields({ ...first, at: day(3) })
      .then(second)
      .yields({ ...first, at: day(2) })
      .yields({ ...second, at: day(2) });
  });

  test('names dates that there are, of years that somebody means', () => {
    const notice = { feature: 'acme', kind: 'update', title: 'A title', summary: 'A summary.' };
    const reads = (effectiveAt: string) => Notice.safeParse({ ...notice, effectiveAt }).success;
    for (const date of ['1900-01-01', '2026-04-01T00:00:00Z', '9999-12-31']) expect(reads(date), date).toBe(true);
    for (const date of ['2026-02-30', '1899-12-31', '0000-01-01', '+10000-01-01', 'soon']) expect(reads(date), date).toBe(false);
  });

  test('once for the same words, while they are open: under another id they announce nothing', () => {
    const again = { digest: wordsOf(1) };
    notified()
      .yields(notify(day(1), 1, { command: 'another-delivery' }))
      .yields(notify(day(1), 2, { ...again, command: 'a-third' }));
    notified()
      .then(revise(day(1), 1, 2))
      .yields(notify(day(2), 2, again), 'ChangeNotified')
      .yields(notify(day(2), 2), 'ChangeNotified');
    notified()
      .then(withdraw(day(1), 1))
      .yields(notify(day(2), 2, again), 'ChangeNotified');
  });

  test.each(['yes', 'no', 'unknown'] as const)('turns nothing on at its effective date (opt-out: %s)', (optOut) => {
    notified({ notice: facts({ optOut, effectiveAt: day(5) }) })
      .is('pending', day(5))
      .is('pending', day(60))
      .is('lapsed', day(90));
  });

  test('that is the newest of a feature that was never approved gives the answer, also after many others closed', () => {
    const several = (count: number) => Array.from({ length: count }, (_, index) => notify(day(0), index + 1));
    const closing = (on: number, ...numbers: readonly number[]) => numbers.map((n) => withdraw(day(on), n));
    tell(...several(7), ...closing(2, 1, 2, 3, 4, 5, 6)).is('pending', day(3));
    tell(...several(6), ...closing(1, 6), ...closing(2, 1, 2, 3, 4, 5)).is('withdrawn', day(3));
  });
});

describe('what the city enters', () => {
  const heard = (at: string) => ({ provenance: enteredBy('clerk', at) });

  test('only adds a change: it neither rewords one, not even its own, nor removes a feature', () => {
    notified()
      .refuses(revise(day(1), 1, 2, heard(day(1))), 'adds-only', '/revises')
      .refuses(notify(day(1), 2, { ...heard(day(1)), ...removal }), 'adds-only', '/kind')
      .yields(notify(day(1), 2, heard(day(1))), 'ChangeNotified');
    notified(heard(day(0))).refuses(revise(day(1), 1, 2, heard(day(1))), 'adds-only', '/revises');
  });

  test('becomes the vendor’s by a signed notice of the same kind and version, which voids what was decided', () => {
    const signed = notified({ ...heard(day(0)), notice: facts({ version: null }) }).then(notify(day(3), 2));
    expect(signed.events.at(-1)).toMatchObject({ type: 'ChangeRevised', change: 1, revision: 2, digest: wordsOf(2) });
    expect(signed.state).toMatchObject({ count: 1, changes: [{ entered: false, by: '' }] });
    signed.yields({ ...notify(day(3), 2), at: day(4) }).yields(notify(day(4), 3), 'ChangeNotified');
  });

  const form = { ...enteredBy(null, day(1)), channel: 'form', by: 'vendor:acme', key: 'f1' };
  test.each([
    ['of another kind', { notice: facts({ kind: 'terms' }) }],
    ['of another version', { notice: facts({ version: '2027.1' }) }],
    ['of the city again', heard(day(1))],
    ['of a form', { provenance: form }],
  ] as const)('stays apart from a notice %s', (_, over) => {
    notified(heard(day(0))).yields(notify(day(1), 2, over), 'ChangeNotified');
  });
});

describe('a revision', () => {
  test('voids every decision so far and starts the clocks again', () => {
    const story = notified().then(certify(day(10), 1), revise(day(11), 1, 2));
    const pinned = { from: day(18), closesAt: day(101) };
    expect(story.events.at(-1)).toMatchObject({ type: 'ChangeRevised', revision: 2, pinned });
    story
      .refuses(sign(day(12), 1), 'stale', '/revision')
      .refuses(sign(day(20), 1, { revision: 2 }), 'not-yet')
      .then(certify(day(20), 1, { revision: 2 }), sign(day(21), 1, { revision: 2 }))
      .is('enabled', day(21));
  });

  test('voids a veto, and terms, so that the next decision sets them', () => {
    // The veto would have stood on day 41.
    vetoed()
      .then(revise(day(12), 1, 2))
      .is('pending', day(12))
      .is('pending', day(42))
      .refuses(certify(day(20), 1, { purpose: 'override', revision: 2 }), 'not-vetoed');
    notified()
      .then(certify(day(10), 1, { terms: { ...NO_TERMS, audience: ['Police'] } }), revise(day(11), 1, 2))
      .then(...adoption(1, { revision: 2 }, 10))
      .is('enabled', day(22));
  });

  test('with the words that stand changes nothing; of no change, or of one that is closed, it is refused', () => {
    notified()
      .yields(revise(day(1), 1, 2, { digest: wordsOf(1) }))
      .refuses(revise(day(1), 2, 2), 'unknown-change', '/revises')
      .refuses(revise(day(90), 1, 2), 'closed', '/revises')
      .yields(revise(justBefore(day(90)), 1, 2), 'ChangeRevised')
      .then(withdraw(day(1), 1))
      .refuses(revise(day(2), 1, 2), 'closed', '/revises');
    approved().refuses(revise(day(12), 1, 2), 'closed', '/revises');
  });
});

describe('room', () => {
  const sixteen = Array.from({ length: 16 }, (_, index) => notify(day(0), index + 1));

  test('sixteen changes may be open at a time, a seventeenth is refused; a removal always fits', () => {
    tell(...sixteen)
      .refuses(notify(day(1), 17), 'too-many-open')
      .goes(notify(day(1), 17, removal), 'ChangeNotified', 'FeatureRemoved')
      .is('removed', day(1));
  });

  test('changes of large bodies are refused before there are sixteen, rather than crowd out a ballot', () => {
    const seats = Array.from({ length: 200 }, (_, index) => `members-${index}`);
    const city = roster();
    const body = { ...city, bodies: { ...city.bodies, council: { name: 'City Council', seats, attestedBy: 'clerk' } } };
    under({ ...bound([ballots(), signature('mayor')]), roster: { number: 1, roster: body } })
      .tell(...sixteen.slice(0, 3))
      .refuses(notify(day(0), 4), 'too-many-open')
      .refuses(revise(day(1), 3, 2, { notice: facts({ version: 'v'.repeat(6000) }) }), 'too-many-open');
  });

  test('a change that ended makes room, also when no clock said so', () => {
    tell(...sixteen)
      .then(withdraw(day(1), 3))
      .yields(notify(day(2), 17), 'ChangeNotified');
    expect(tell(...sixteen, notify(day(90), 17)).status(17, day(91))).toBe('pending');
    // Deadlines passed on day 15 and none was overturned by day 45: thirty-two events, more than a commit holds.
    const passed = sixteen.map((_, index) => certify(day(10), index + 1));
    expect(tell(...sixteen, ...passed, notify(day(50), 17)).status(17, day(50))).toBe('pending');
  });

  test('more that is due than one commit takes is recorded whole by the clock, and leaves room for a command', () => {
    const at = day(400);
    const many = tell(...sixteen.map((_, index) => notify(day(index), index + 1)));
    const lapses = (count: number) => Array.from({ length: count }, () => 'ChangeLapsed' as const);
    many.goes(tick(at), ...lapses(16));
    many.goes(notify(at, 17), ...lapses(15), 'ChangeNotified').goes(tick(at), 'ChangeLapsed');
  });
});
