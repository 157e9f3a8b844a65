import { describe, expect, test } from 'vitest';
import { STATE_BYTES_MAX } from '../../../domain/kernel/limits.ts';
import {
  ballots,
  byBallots,
  council,
  mayor,
  policy,
  roster,
  rule,
  signature,
  thirteenSeats,
} from '../../support/fixtures/city.ts';
import { given } from '../../support/given.ts';
import {
  adoption,
  approved,
  ballot,
  certify,
  date,
  day,
  eventsOf,
  facts,
  feature,
  justBefore,
  notified,
  notify,
  refuse,
  revise,
  rollOf,
  sign,
  tell,
  tick,
  vetoed,
  withdraw,
  wordsOf,
} from './support.ts';

const removal = (effectiveAt: string | null = null) => ({ notice: facts({ kind: 'removal', effectiveAt }) });

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
        room: 1483,
      });
  });

  test('is held while no policy is adopted, and nothing can approve it', () => {
    const story = tell(notify(day(0), 1, { policy: null })).is('pending', day(0));
    story.refuses(certify(day(10), 1, { policy: null }), 'no-policy');
    expect(story.events[0]).toMatchObject({ pinned: null });
  });

  test('counts on: the second change is number 2', () => {
    notified()
      .yields(notify(day(1), 2), 'ChangeNotified')
      .is('pending', day(1));
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

  test('says what documents the rule asks for and the notice lacks', () => {
    const asking = policy(rule([council(), mayor()], { documents: ['impact-report', 'use-policy'] }));
    const document = { title: 'Report', kind: 'use-policy', url: 'https://vendor.example/report' };
    const story = tell(notify(day(0), 1, { policy: { number: 1, policy: asking }, notice: facts({ documents: [document] }) }));
    expect(story.events[0]).toMatchObject({ pinned: { missing: ['impact-report'] } });
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

describe('room', () => {
  const sixteen = (over = {}) => Array.from({ length: 16 }, (_, index) => notify(day(0), index + 1, over));

  test('sixteen changes may be open at a time, a seventeenth is refused', () => {
    tell(...sixteen()).refuses(notify(day(1), 17), 'too-many-open');
  });

  test('sixteen changes of thirteen ballots each fit a new feature, with every ballot cast', () => {
    const context = { policy: { number: 1, policy: byBallots } };
    const seats = roster().bodies['council']?.seats ?? [];
    let state = tell(...sixteen(context)).state;
    for (const change of state.changes.map(({ n }) => n)) {
      for (const [index, seat] of seats.entries()) {
        const decision = index < 6 ? 'approve' : 'abstain';
        const decided = feature.decider.decide(ballot(day(1), change, seat, { ...context, decision }), state);
        if (decided.ok) state = decided.events.reduce(feature.decider.evolve, state);
      }
    }
    expect(Object.keys(state.changes[0]?.reqs['council']?.ballots ?? {}).length).toBeGreaterThanOrEqual(7);
    expect(JSON.stringify(state).length).toBeLessThanOrEqual(STATE_BYTES_MAX);
  });

  test('changes of large bodies are refused before there are sixteen, rather than crowd out a ballot', () => {
    const large = Array.from({ length: 200 }, (_, index) => `member-${index}`);
    const city = roster();
    const body = { ...city, bodies: { ...city.bodies, council: { name: 'City Council', seats: large, attestedBy: 'clerk' } } };
    const context = {
      roster: { number: 1, roster: body },
      policy: { number: 1, policy: policy(rule([ballots(), signature('mayor')])) },
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
    // Deadlines passed on day 15 and nobody overturned them by day 45: thirty-two events, more than a commit holds.
    expect(story.then(notify(day(50), 17)).status(17, day(50))).toBe('pending');
  });

  test('a removal always fits', () => {
    tell(...sixteen())
      .goes(notify(day(1), 17, removal()), 'ChangeNotified', 'FeatureRemoved')
      .is('removed', day(1));
  });
});

describe('a revision', () => {
  test('voids every decision so far and starts the clocks anew', () => {
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
    const terms = { until: null, audience: ['Police'], conditions: null };
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

describe('an update of a feature that is on', () => {
  const refused = { votes: rollOf(0, 13) };
  const update = (optOut: 'yes' | 'no' | 'unknown', effectiveAt: string | null, over = {}) =>
    notify(day(20), 2, { notice: facts({ kind: 'update', optOut, effectiveAt, ...over }) });

  test('that can be held back leaves it on, whatever becomes of it', () => {
    const pending = approved().then(update('yes', day(25)));
    pending.is('enabled', day(30)).is('enabled', day(111));
    pending.then(certify(day(30), 2, refused)).is('enabled', day(30));
    pending.then(withdraw(day(30), 2)).is('enabled', day(30));
  });

  test.each(['no', 'unknown'] as const)('that cannot (%s) makes the approved words untrue at its effective date', (optOut) => {
    approved()
      .then(update(optOut, day(25)))
      .is('enabled', justBefore(day(25)))
      .is('outdated', day(25));
  });

  test('that names no date makes them untrue at once', () => {
    approved().then(update('no', null)).is('outdated', day(20));
    approved()
      .then(update('no', day(3)))
      .is('outdated', day(20));
  });

  test('stays outdated after a refusal and after a lapse', () => {
    const pending = approved().then(update('no', day(25)));
    pending
      .then(certify(day(30), 2, refused))
      .is('outdated', day(31))
      .is('outdated', day(200));
    pending
      .is('outdated', day(110))
      .then(tick(day(111)))
      .is('outdated', day(111));
  });

  test('that was refused before it came is outdated when it comes', () => {
    approved()
      .then(update('no', day(60)), certify(day(30), 2, refused))
      .is('enabled', day(59))
      .is('outdated', day(60));
  });

  test('is in order again once it is withdrawn', () => {
    approved()
      .then(update('no', day(25)))
      .is('outdated', day(26))
      .then(withdraw(day(27), 2))
      .is('enabled', day(27));
  });

  test('is in order again once it is approved, or a later one', () => {
    approved()
      .then(update('no', day(25)), ...adoption(2, {}, 20))
      .is('enabled', day(31));
    approved()
      .then(update('no', day(25)), certify(day(30), 2, refused), notify(day(32), 3), ...adoption(3, {}, 32))
      .is('enabled', day(43));
  });

  test('that is still open is ended by the approval of a later one, until new words of it come', () => {
    const later = approved().then(update('no', day(25)), notify(day(20), 3), ...adoption(3, {}, 20));
    later.is('enabled', day(31));
    later.then(revise(day(32), 2, 2, { notice: facts({ optOut: 'no' }) })).is('outdated', day(32));
  });

  test('goes on making the words of an earlier one untrue that is approved after it came', () => {
    tell(notify(day(0), 1), notify(day(1), 2, { notice: facts({ optOut: 'no' }) }))
      .then(...adoption(1))
      .is('outdated', day(12));
  });

  test('that lapsed before another one was approved is ended by that, whether a clock ran or not', () => {
    const late = approved().then(update('no', day(25)), notify(day(95), 3), certify(day(108), 3));
    late.then(sign(day(112), 3)).is('enabled', day(112));
    late.then(tick(day(111)), sign(day(112), 3)).is('enabled', day(112));
  });

  test('that is a contract never outdates the one in force', () => {
    approved()
      .then(notify(day(20), 2, { notice: facts({ kind: 'contract', optOut: 'no', endsAt: day(600) }) }))
      .is('enabled', day(30));
  });

  test('that is put off before it came outdates later', () => {
    approved()
      .then(update('no', day(25)), revise(day(22), 2, 2, { notice: facts({ optOut: 'no', effectiveAt: day(40) }) }))
      .is('enabled', day(39))
      .is('outdated', day(40));
  });

  test('that is put off after it came stays outdated, also when the vendor finds an opt-out', () => {
    const come = approved().then(update('no', day(25)));
    come.then(revise(day(26), 2, 2, { notice: facts({ optOut: 'no', effectiveAt: day(40) }) })).is('outdated', day(26));
    come.then(revise(day(25), 2, 2, { notice: facts({ optOut: 'yes' }) })).is('outdated', day(26));
    approved()
      .then(update('no', day(25)), revise(day(24), 2, 2, { notice: facts({ optOut: 'yes' }) }))
      .is('enabled', day(26));
  });
});

describe('a removal', () => {
  test('needs nobody: off at once, and open changes close', () => {
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

  test('dated in the past takes effect at once', () => {
    approved()
      .then(notify(day(20), 2, removal(day(3))))
      .is('removed', day(20));
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

  test('of a feature that was never approved is off and says so', () => {
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

test('the newest change of a feature that was never approved gives the answer, also after many others closed', () => {
  const closed = [1, 2, 3, 4, 5, 6].map((n) => withdraw(day(2), n));
  tell(...[1, 2, 3, 4, 5, 6, 7].map((n) => notify(day(0), n)), ...closed).is('pending', day(3));
  const refusedFirst = tell(...[1, 2, 3, 4, 5, 6].map((n) => notify(day(0), n)), withdraw(day(1), 6));
  refusedFirst.then(...[1, 2, 3, 4, 5].map((n) => withdraw(day(2), n))).is('withdrawn', day(3));
});

test('a policy in another zone counts its days there', () => {
  const denver = { zone: 'America/Denver', policy: { number: 1, policy: thirteenSeats } };
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

test('a veto does not keep a change from being withdrawn', () => {
  vetoed()
    .goes(withdraw(day(12), 1), 'ChangeWithdrawn')
    .refuses(refuse(day(13), 1, { comment: wordsOf(9) }), 'closed');
});
