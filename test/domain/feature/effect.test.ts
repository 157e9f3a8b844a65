import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effectOf, forecastApproval } from '../../../domain/feature/effect.ts';
import { ABSENT, effectiveEnd, evaluate, type Head, headWith, UNREADABLE } from '../../../domain/feature/evaluate.ts';
import { changeNamed } from '../../../domain/feature/keys.ts';
import { NO_TERMS, type Terms } from '../../../domain/feature/terms.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { terms } from './readableTerms.ts';
import { approved, notified, type Story, tell, viewOf } from './story.ts';
import { adoption, certify, day, facts, justBefore, notify, repin, revoke, sign } from './support.ts';

const first = (story: Pick<Story, 'events'>): ChangeView => {
  const view = viewOf(story);
  if (view === undefined) throw new Error('no change');
  return view;
};
const effect = ({ events, state }: Story, over: Partial<Parameters<typeof effectOf>[1]> = {}) =>
  effectOf(first({ events }), { at: day(12), zone: 'UTC', heads: [headWith(state)], ...over });
const beneath = (story: Story, head: Head, at = day(12)) =>
  effectOf({ ...first(story), key: 'acme.lpr' }, { at, zone: 'UTC', heads: [head, headWith(story.state)] });

const POLICY = { by: 'policy', rule: 'everything-else', term: 'P1Y' } as const;
const CLERK = { by: 'decision', requirement: 'council', holder: 'clerk', at: day(10) } as const;

test('an approval without terms ends with the longest term of its rule, counted from the approval', () => {
  expect(effect(notified().then(...adoption(1)))).toStrictEqual({
    from: null,
    until: { value: '2027-03-12T12:00:00.000Z', origin: POLICY },
    audience: null,
    audiences: [],
    conditions: [],
    maintenance: null,
  });
});

test('each limit names where it comes from, and the earliest end is the one that counts', () => {
  const set = terms({
    from: day(30),
    until: day(200),
    audience: ['Police'],
    conditions: 'Kept for 30 days.',
    maintenance: 'yes',
  });
  expect(effect(notified({ notice: facts({ endsAt: day(100) }) }).then(...adoption(1, set)))).toStrictEqual({
    from: { value: day(30), origin: CLERK },
    until: { value: day(100), origin: { by: 'notice' } },
    audience: ['Police'],
    audiences: [{ value: ['Police'], origin: CLERK }],
    conditions: [{ value: 'Kept for 30 days.', origin: CLERK }],
    maintenance: CLERK,
  });
});

test('before anybody decided it is what the proposed terms would do; after that they count no longer', () => {
  const proposed = terms({ until: day(50) }).terms;
  expect(effect(notified(), { proposed }).until).toStrictEqual({ value: day(50), origin: { by: 'proposal' } });
  const decided = notified().then(certify(day(10), 1));
  expect(effect(decided, { proposed }).until?.origin).toStrictEqual(POLICY);
  expect(effect(decided).until?.value).toBe('2027-03-13T12:00:00.000Z');
});

test('terms of a decision that another policy voided are not those that stand', () => {
  const story = notified().then(certify(day(10), 1, terms({ until: day(50) })));
  const { policy } = repin(day(11));
  const voided = story.then(repin(day(11), { policy: policy === null ? null : { ...policy, number: 2 } }));
  expect(effect(voided).until?.origin.by).toBe('policy');
  const again = voided.then(certify(day(12), 1, terms({ until: day(60) })));
  expect(effect(again).until).toStrictEqual({ value: day(60), origin: { ...CLERK, at: day(12) } });
});

test('the approvals above limit it too: the earliest end, the common agencies, every condition', () => {
  const contract = notified().then(
    ...adoption(1, terms({ until: day(90), audience: ['Police', 'Fire'], conditions: 'No export.' })),
  );
  const origin = { by: 'above', key: 'acme', change: 1 } as const;
  const found = beneath(notified().then(...adoption(1, terms({ audience: ['Fire', 'Parks'] }))), headWith(contract.state));
  expect(found.until).toStrictEqual({ value: day(90), origin });
  expect(found.audience).toStrictEqual(['Fire']);
  expect(found.audiences.map((each) => each.origin.by)).toStrictEqual(['above', 'decision']);
  expect(found.conditions).toStrictEqual([{ value: 'No export.', origin }]);
});

test('an approval above that is not yet in effect moves the start, one that has ended gives no limit', () => {
  const later = notified().then(...adoption(1, terms({ from: day(40) })));
  const on = notified().then(...adoption(1));
  expect(beneath(on, headWith(later.state)).from?.value).toBe(day(40));
  const over = notified().then(...adoption(1, terms({ until: day(20) })));
  for (const head of [headWith(over.state), UNREADABLE, ABSENT])
    expect(beneath(on, head, day(21)).until?.origin).toStrictEqual(POLICY);
});

const END = fc.constantFrom(null, 25, 60, 100, 375, 376, 400);
const ending = fc.record({ endsAt: END, until: END, next: fc.constantFrom(null, 40, 60, 376, 380) });

test('in random chains page, answer and list read one end, with whose limit it is', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(ending, { minLength: 1, maxLength: 4 }), (chain) => {
      const stories = chain.map(({ endsAt, until, next }) => {
        const on = notified({ notice: facts({ endsAt: endsAt === null ? null : day(endsAt) }) }).then(
          ...adoption(1, terms(until === null ? {} : { until: day(until) })),
        );
        return next === null ? on : on.then(notify(day(12), 2), ...adoption(2, terms({ from: day(next) }), 12));
      });
      const key = ['a', 'b', 'c', 'd'].slice(0, chain.length).join('.');
      const heads = stories.map(({ state }) => headWith(state));
      const now = day(24, '00:00:00.000');
      const { effectiveUntil, limitedBy, change, validUntil } = evaluate(key, heads, {}, now);
      const days = chain.map(({ endsAt, until, next }) => Math.min(endsAt ?? 999, until ?? 999, next ?? 999));
      if (days.some((each) => each <= 24)) return;
      const soonest = Math.min(...days);
      const instantOf = (end: number) => (end < 376 ? day(end) : '2027-03-12T12:00:00.000Z');
      expect(effectiveUntil).toBe(instantOf(soonest));
      expect(validUntil).toBe(instantOf(days.at(-1) ?? 999));
      expect(effectiveEnd(key, heads, now, change ?? 0)).toStrictEqual({ at: effectiveUntil, ...limitedBy });
      const view = { ...first({ events: stories.at(-1)?.events ?? [] }), key };
      const { until } = effectOf(view, { at: now, zone: 'UTC', heads });
      expect(until?.value).toBe(effectiveUntil);
      const named = changeNamed(limitedBy?.change ?? '');
      expect(until?.origin.by).toBe(named?.key === key ? limitedBy?.by : 'above');
      seen.add(until?.origin.by ?? '');
    }),
    { numRuns: 25 },
  );
  expect([...seen].sort()).toStrictEqual(['above', 'decision', 'next', 'notice', 'policy']);
});

describe('of a change that is open', () => {
  const later = (over: Parameters<typeof facts>[0], n = 2, at = day(5)) =>
    notify(at, n, { notice: facts({ kind: 'update', ...over }) });
  const untilOf = (story: Story) => effect(story).until;

  test('the day is foretold on which later words make it untrue', () => {
    const outdated = { value: day(60), origin: { by: 'outdated', change: 2 } };
    for (const words of [{ optOut: 'no' }, { optOut: 'unknown' }, { optOut: 'yes', withoutAction: 'on' }] as const)
      expect(untilOf(notified().then(later({ ...words, effectiveAt: day(60) })))).toStrictEqual(outdated);
    const both = notified().then(later({ optOut: 'no', effectiveAt: day(90) }), later({ optOut: 'no', effectiveAt: day(60) }, 3));
    expect(untilOf(both)).toStrictEqual({ value: day(60), origin: { by: 'outdated', change: 3 } });
  });

  test('the day is foretold on which later words, approved for then, take its place', () => {
    const waits = tell(notify(day(0), 1), later({}, 2, day(1)), ...adoption(2, terms({ from: day(60) })));
    const next = { value: day(60), origin: { by: 'next', change: 2 } };
    expect(untilOf(waits)).toStrictEqual(next);
    expect(untilOf(waits.then(...adoption(1, {}, 1)))).toStrictEqual(next);
  });

  test('it is the end that an approval at that instant has', () => {
    const seen = new Set<string>();
    const words = fc.record({
      at: fc.integer({ min: 1, max: 11 }),
      effect: fc.integer({ min: 12, max: 80 }),
      choice: fc.constantFrom('yes', 'no', 'unknown'),
      withoutAction: fc.constantFrom('on', 'off', 'unknown'),
      kind: fc.constantFrom('update', 'new-feature', 'terms', 'contract'),
    });
    const own = fc.record({ effect: fc.option(fc.integer({ min: 2, max: 60 })), choice: fc.constantFrom('yes', 'no') });
    fc.assert(
      fc.property(
        own,
        fc.array(words, { maxLength: 3 }),
        fc.boolean(),
        fc.option(fc.integer({ min: 20, max: 70 })),
        (first, more, maintained, from) => {
          const notice = facts({ optOut: first.choice, effectiveAt: first.effect === null ? null : day(first.effect) });
          const decided = terms({ ...(maintained && { maintenance: 'yes' }), ...(from !== null && { from: day(from) }) });
          const sent = more
            .toSorted((a, b) => a.at - b.at)
            .map(({ at, effect: on, choice, withoutAction, kind }, index) =>
              later(
                { kind, optOut: choice, withoutAction, effectiveAt: day(on), ...(kind === 'contract' && { endsAt: day(300) }) },
                index + 2,
                day(at),
              ),
            );
          const open = notified({ notice }).then(...sent, certify(day(11), 1, decided));
          const signed = open.then(sign(day(12), 1, decided));
          if (!['enabled', 'scheduled'].includes(evaluate('acme', [headWith(signed.state)], {}, day(12)).variant)) return;
          const [before, after] = [untilOf(open), untilOf(signed)];
          expect(before).toStrictEqual(after);
          seen.add(before?.origin.by ?? '');
        },
      ),
      { numRuns: 40 },
    );
    expect([...seen].sort()).toStrictEqual(['outdated', 'policy']);
  });
});

const forced = { notice: facts({ kind: 'update', optOut: 'no' }) };
const LATER = { ...NO_TERMS, from: day(60) };

const told = (state: Parameters<typeof forecastApproval>[0], n: number, terms: Terms, at: string) =>
  forecastApproval(state, n, terms, { at, zone: 'UTC' });

const both = (story: Story, n: number, at: string, terms = NO_TERMS) => {
  const foretold = told(story.state, n, terms, at);
  const { events } = story.then(certify(at, n, { terms }), sign(at, n, { terms }));
  return { foretold, came: events.findLast((event) => event.type === 'ChangeApproved') };
};

describe('what an approval now would do', () => {
  test('is nothing where later words are in force: it is replaced at once', () => {
    const story = tell(notify(day(0), 1), notify(day(1), 2), ...adoption(2));
    const { foretold, came } = both(story, 1, day(12));
    expect(foretold).toStrictEqual({ becomes: 'replaced', by: 2, waits: false });
    expect(came).toMatchObject({ becomes: 'replaced' });
  });

  test('is nothing where later words wait for their day, too: only one approval waits', () => {
    const later = approved().then(notify(day(20), 2), notify(day(21), 3), ...adoption(3, { terms: LATER }, 20));
    const { foretold, came } = both(later, 2, day(40), { ...NO_TERMS, from: day(50) });
    expect(foretold).toStrictEqual({ becomes: 'replaced', by: 3, waits: true });
    expect(came).toMatchObject({ becomes: 'replaced' });
  });

  test('is to begin later, while what is in force stays on', () => {
    const { foretold, came } = both(approved().then(notify(day(20), 2)), 2, day(30), LATER);
    expect(foretold).toStrictEqual({ becomes: 'waiting', at: day(60), meanwhile: 1 });
    expect(came).toMatchObject({ becomes: 'waiting' });
    expect(told(tell(notify(day(0), 1)).state, 1, LATER, day(10))).toStrictEqual({
      becomes: 'waiting',
      at: day(60),
      meanwhile: null,
    });
  });

  test('is an approval that stays off where words run that arrived later, or will by its beginning', () => {
    const ran = tell(notify(day(0), 1), notify(day(1), 2, forced));
    expect(told(ran.state, 1, NO_TERMS, day(10))).toStrictEqual({ becomes: 'outdated', by: [2] });
    const revoked = ran.then(...adoption(2), revoke(day(12), 2));
    expect(told(revoked.state, 1, NO_TERMS, day(13))).toStrictEqual({ becomes: 'outdated', by: [2] });
    const comes = tell(notify(day(0), 1), notify(day(1), 2, { notice: facts({ optOut: 'no', effectiveAt: day(60) }) }));
    expect(told(comes.state, 1, LATER, day(10))).toStrictEqual({ becomes: 'outdated', by: [2] });
  });

  test('is nothing where a removal that was announced before the words came is over by its beginning', () => {
    const removal = { notice: facts({ kind: 'removal', effectiveAt: day(20) }) };
    const open = tell(notify(day(0), 1), notify(day(1), 2, removal), notify(day(5), 3));
    const removed = { becomes: 'removed', by: 2 };
    expect(told(open.state, 3, NO_TERMS, day(19))).toStrictEqual({ becomes: 'in-force', replaces: [] });
    expect(told(open.state, 3, NO_TERMS, day(20))).toStrictEqual(removed);
    expect(told(open.state, 3, LATER, day(19))).toStrictEqual(removed);
    open.then(...adoption(3, {}, 10)).is('removed', day(21));
  });

  test('is none where the words or the terms are over before it begins, at the instant from which it is refused', () => {
    const ends = tell(notify(day(0), 1, { notice: facts({ endsAt: day(30) }) }));
    const over = { becomes: 'over', at: day(30) };
    expect(told(ends.state, 1, NO_TERMS, justBefore(day(30)))).toMatchObject({ becomes: 'in-force' });
    expect(told(ends.state, 1, NO_TERMS, day(30))).toBeNull();
    expect(told(ends.state, 1, { ...NO_TERMS, from: day(30) }, day(10))).toStrictEqual(over);
    expect(told(ends.state, 1, { ...NO_TERMS, until: day(29) }, day(29))).toStrictEqual({ becomes: 'over', at: day(29) });
    // The rule lets an approval last a year.
    const inAYear = '2027-03-11T12:00:00.000Z';
    const [open, year] = [tell(notify(day(0), 1)).state, { ...NO_TERMS, from: inAYear }];
    expect(told(open, 1, year, day(10))).toStrictEqual({ becomes: 'over', at: inAYear });
    expect(told(open, 1, { ...NO_TERMS, from: justBefore(inAYear) }, day(10))).toMatchObject({ becomes: 'waiting' });
  });
});
