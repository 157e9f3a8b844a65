import { describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { ballots, council, mayor, policy, roster, rule, signature, thirteenSeats } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { given } from '../../support/given.ts';
import { approved, eventsOf, feature, notified, tell, vetoed } from './story.ts';
import {
  adoption,
  certify,
  date,
  day,
  facts,
  inForce,
  justBefore,
  notify,
  revise,
  sign,
  tick,
  withdraw,
  wordsOf,
} from './support.ts';

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
    const story = tell(notify(day(0), 1, { policy: null })).is('pending', day(0));
    story.refuses(certify(day(10), 1, { policy: null }), 'no-policy');
    expect(story.events[0]).toMatchObject({ pinned: null });
  });

  test('is taken in once, however often its notice comes', () => {
    const again = notify(day(0), 1);
    given(feature, ...eventsOf(again))
      .when({ ...again, at: day(3) })
      .thenNothing();
  });

  test('whose notice comes again after it was revised is still no new change', () => {
    const first = notify(day(0), 1);
    const second = revise(day(1), 1, 2);
    given(feature, ...eventsOf(first, second))
      .when({ ...first, at: day(2) })
      .thenNothing();
    given(feature, ...eventsOf(first, second))
      .when({ ...second, at: day(2) })
      .thenNothing();
  });

  test('once for the same words, while they are open: under another id they announce nothing', () => {
    const again = notify(day(1), 1, { command: 'another-delivery' });
    notified()
      .then(again)
      .then(notify(day(1), 2, { digest: wordsOf(1), command: 'a-third' }));
    notified()
      .then(revise(day(1), 1, 2))
      .then(notify(day(2), 2));
    given(feature, ...eventsOf(notify(day(0), 1)))
      .when(again)
      .thenNothing();
    notified()
      .then(withdraw(day(1), 1))
      .yields(notify(day(2), 2, { digest: wordsOf(1) }), 'ChangeNotified');
    notified()
      .then(revise(day(1), 1, 2))
      .yields(notify(day(2), 2, { digest: wordsOf(1) }), 'ChangeNotified');
  });

  test('turns nothing on at its effective date, whether it can be held back or not', () => {
    for (const optOut of ['yes', 'no', 'unknown'] as const) {
      notified({ notice: facts({ optOut, effectiveAt: day(5) }) })
        .is('pending', day(5))
        .is('pending', day(60))
        .is('lapsed', day(90));
    }
  });
});

test('the newest change of a feature that was never approved gives the answer, also after many others closed', () => {
  const closed = [1, 2, 3, 4, 5, 6].map((n) => withdraw(day(2), n));
  tell(...[1, 2, 3, 4, 5, 6, 7].map((n) => notify(day(0), n)), ...closed).is('pending', day(3));
  const refusedFirst = tell(...[1, 2, 3, 4, 5, 6].map((n) => notify(day(0), n)), withdraw(day(1), 6));
  refusedFirst.then(...[1, 2, 3, 4, 5].map((n) => withdraw(day(2), n))).is('withdrawn', day(3));
});

test('a policy in another zone counts its days there', () => {
  const denver = { zone: 'America/Denver', policy: inForce(thirteenSeats) };
  const story = tell(notify('2026-03-01T05:30:00.000Z', 1, denver));
  // The first of March of UTC is the last of February in Denver: seven days later is the seventh of March, in winter time.
  expect(story.events[0]).toMatchObject({ pinned: { from: '2026-03-08T05:30:00.000Z', closesAt: '2026-05-30T04:30:00.000Z' } });
  story.refuses(certify('2026-03-09T12:00:00.000Z', 1, { ...denver, meetingDate: '2026-03-06' }), 'meeting-before-revision');
  story.yields(
    certify('2026-03-09T12:00:00.000Z', 1, { ...denver, meetingDate: '2026-03-07' }),
    'VoteCertified',
    'RequirementMet',
  );
  expect(date(7)).toBe('2026-03-08');
});

describe('what the city enters', () => {
  const heard = (at: string) => ({ provenance: enteredBy('clerk', at) });

  test('only adds a change: it neither rewords one nor removes a feature', () => {
    const story = notified();
    story
      .refuses(revise(day(1), 1, 2, heard(day(1))), 'adds-only', '/revises')
      .refuses(notify(day(1), 2, { ...heard(day(1)), notice: facts({ kind: 'removal' }) }), 'adds-only', '/kind')
      .yields(notify(day(1), 2, heard(day(1))), 'ChangeNotified');
    // Not even what the city entered itself.
    notified(heard(day(0))).refuses(revise(day(1), 1, 2, heard(day(1))), 'adds-only', '/revises');
  });

  test('becomes the vendor’s by a signed notice of the same kind and version, which voids what was decided', () => {
    const story = notified({ ...heard(day(0)), notice: facts({ version: null }) });
    const signed = story.then(notify(day(3), 2));
    expect(signed.events.at(-1)).toMatchObject({ type: 'ChangeRevised', change: 1, revision: 2, digest: wordsOf(2) });
    expect(signed.state).toMatchObject({ count: 1, changes: [{ entered: false, by: '' }] });
    signed.yields({ ...notify(day(3), 2), at: day(4) }).yields(notify(day(4), 3), 'ChangeNotified');
  });

  test('stays apart from a notice of another kind or version, of a form, and of the city again', () => {
    const story = notified(heard(day(0)));
    story
      .yields(notify(day(1), 2, { notice: facts({ kind: 'terms' }) }), 'ChangeNotified')
      .yields(notify(day(1), 2, { notice: facts({ version: '2027.1' }) }), 'ChangeNotified')
      .yields(notify(day(1), 2, heard(day(1))), 'ChangeNotified')
      .yields(
        notify(day(1), 2, { provenance: { ...enteredBy(null, day(1)), channel: 'form', by: 'vendor:acme', key: 'f1' } }),
        'ChangeNotified',
      );
  });
});

describe('a revision', () => {
  test('voids every decision so far and starts the clocks again', () => {
    const story = notified().then(certify(day(10), 1), revise(day(11), 1, 2));
    expect(story.events.at(-1)).toMatchObject({
      type: 'ChangeRevised',
      revision: 2,
      pinned: { from: day(18), closesAt: day(101) },
    });
    story
      .refuses(sign(day(12), 1), 'stale', '/revision')
      .refuses(sign(day(20), 1, { revision: 2 }), 'not-yet')
      .then(certify(day(20), 1, { revision: 2 }), sign(day(21), 1, { revision: 2 }))
      .is('enabled', day(21));
  });

  test('voids a veto', () => {
    const story = vetoed()
      .is('vetoed', day(11))
      .then(revise(day(12), 1, 2))
      .is('pending', day(12));
    // The veto would have stood on day 41.
    story.is('pending', day(42)).refuses(certify(day(20), 1, { purpose: 'override', revision: 2 }), 'not-vetoed');
  });

  test('voids terms, so that the next decision sets them', () => {
    const terms = { ...NO_TERMS, audience: ['Police'] };
    notified()
      .then(certify(day(10), 1, { terms }), revise(day(11), 1, 2), ...adoption(1, { revision: 2 }, 10))
      .is('enabled', day(22));
  });

  test('with the words that stand changes nothing', () => {
    given(feature, ...notified().events)
      .when(revise(day(1), 1, 2, { digest: wordsOf(1) }))
      .thenNothing();
  });

  test('of a change that does not exist is refused', () => {
    notified().refuses(revise(day(1), 2, 2), 'unknown-change', '/revises');
  });

  test('of a change that is closed is refused', () => {
    approved().refuses(revise(day(12), 1, 2), 'closed', '/revises');
    notified()
      .then(withdraw(day(1), 1))
      .refuses(revise(day(2), 1, 2), 'closed', '/revises');
    notified().refuses(revise(day(90), 1, 2), 'closed', '/revises');
    notified().yields(revise(justBefore(day(90)), 1, 2), 'ChangeRevised');
  });
});

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

describe('more that is due than one commit takes', () => {
  const at = day(400);
  const many = tell(...Array.from({ length: 16 }, (_, index) => notify(day(index), index + 1)));
  const lapses = (count: number) => Array.from({ length: count }, () => 'ChangeLapsed' as const);

  test('is recorded whole by the clock', () => void many.goes(tick(at), ...lapses(16)));
  test('leaves room for a command, and the latest of it to the next', () =>
    void many.goes(notify(at, 17), ...lapses(15), 'ChangeNotified').goes(tick(at), 'ChangeLapsed'));
});
