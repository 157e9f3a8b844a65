import { describe, expect, test } from 'vitest';
import { council, mayor, thirteenSeats } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { given } from '../../support/given.ts';
import { eventsOf, feature, notified, tell } from './story.ts';
import { certify, date, day, facts, inForce, notify, revise, withdraw, wordsOf } from './support.ts';

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
