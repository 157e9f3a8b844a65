import { expect, test } from 'vitest';
import { type ApprovalEffect, effectOf, limitsAbove } from '../../../domain/feature/effect.ts';
import { ABSENT, headWith, UNREADABLE } from '../../../domain/feature/evaluate.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import { type ChangeView, foldChange } from '../../../domain/feature/view.ts';
import { terms } from './readableTerms.ts';
import { notified } from './story.ts';
import { adoption, certify, day, facts, repin } from './support.ts';

const viewOf = (events: readonly FeatureEvent[]): ChangeView => {
  const view = events.reduce<ChangeView | undefined>((known, event, index) => foldChange(known, event, index + 1), undefined);
  if (view === undefined) throw new Error('no change');
  return view;
};
const effect = (events: readonly FeatureEvent[], over: Partial<Parameters<typeof effectOf>[1]> = {}): ApprovalEffect =>
  effectOf(viewOf(events), { at: day(12), zone: 'UTC', above: [], ...over });

const POLICY = { by: 'policy', rule: 'everything-else', term: 'P1Y' } as const;
const CLERK = { by: 'decision', requirement: 'council', holder: 'clerk', at: day(10) } as const;

test('an approval without terms ends with the longest term of its rule, counted from the approval', () => {
  const { events } = notified().then(...adoption(1));
  expect(effect(events)).toStrictEqual({
    from: null,
    until: { value: '2027-03-12T12:00:00.000Z', origin: POLICY },
    ends: [{ value: '2027-03-12T12:00:00.000Z', origin: POLICY }],
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
  const { events } = notified({ notice: facts({ endsAt: day(100) }) }).then(...adoption(1, set));
  expect(effect(events)).toStrictEqual({
    from: { value: day(30), origin: CLERK },
    until: { value: day(100), origin: { by: 'notice' } },
    ends: [
      { value: day(100), origin: { by: 'notice' } },
      { value: day(200), origin: CLERK },
      { value: '2027-03-12T12:00:00.000Z', origin: POLICY },
    ],
    audience: ['Police'],
    audiences: [{ value: ['Police'], origin: CLERK }],
    conditions: [{ value: 'Kept for 30 days.', origin: CLERK }],
    maintenance: CLERK,
  });
});

test('before anybody decided it is what the proposed terms would do; after that they count no longer', () => {
  const proposed = terms({ until: day(50) }).terms;
  expect(effect(notified().events, { proposed }).until).toStrictEqual({ value: day(50), origin: { by: 'proposal' } });
  const decided = notified().then(certify(day(10), 1)).events;
  expect(effect(decided, { proposed }).until?.origin).toStrictEqual(POLICY);
  expect(effect(decided).until?.value).toBe('2027-03-13T12:00:00.000Z');
});

test('terms of a decision that another policy voided are not those that stand', () => {
  const story = notified().then(certify(day(10), 1, terms({ until: day(50) })));
  const { policy } = repin(day(11));
  const voided = story.then(repin(day(11), { policy: policy === null ? null : { ...policy, number: 2 } }));
  expect(effect(voided.events).ends.map(({ origin }) => origin.by)).toStrictEqual(['policy']);
  const again = voided.then(certify(day(12), 1, terms({ until: day(60) })));
  expect(effect(again.events).until).toStrictEqual({ value: day(60), origin: { ...CLERK, at: day(12) } });
});

test('the approvals above limit it too: the earliest end, the common agencies, every condition', () => {
  const contract = notified().then(
    ...adoption(1, terms({ until: day(90), audience: ['Police', 'Fire'], conditions: 'No export.' })),
  );
  const above = limitsAbove('acme.lpr', [headWith(contract.state)], day(12));
  const origin = { by: 'above', key: 'acme', change: 1 } as const;
  const { events } = notified().then(...adoption(1, terms({ audience: ['Fire', 'Parks'] })));
  const found = effect(events, { above });
  expect(found.until).toStrictEqual({ value: day(90), origin });
  expect(found.audience).toStrictEqual(['Fire']);
  expect(found.audiences.map((each) => each.origin.by)).toStrictEqual(['above', 'decision']);
  expect(found.conditions).toStrictEqual([{ value: 'No export.', origin }]);
});

test('an approval above that is not yet in effect moves the start, one that has ended gives no limit', () => {
  const later = notified().then(...adoption(1, terms({ from: day(40) })));
  const { events } = notified().then(...adoption(1));
  expect(effect(events, { above: limitsAbove('acme.lpr', [headWith(later.state)], day(12)) }).from?.value).toBe(day(40));
  const over = notified().then(...adoption(1, terms({ until: day(20) })));
  expect(limitsAbove('acme.lpr', [headWith(over.state)], day(21))).toStrictEqual([]);
  expect(limitsAbove('acme.lpr', [UNREADABLE], day(21))).toStrictEqual([]);
  expect(limitsAbove('acme.lpr', [ABSENT], day(21))).toStrictEqual([]);
});
