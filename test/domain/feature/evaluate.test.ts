import { describe, expect, test } from 'vitest';
import { windowAround } from '../../../domain/feature/due.ts';
import {
  ABSENT,
  type EvaluationContext,
  evaluate,
  type Head,
  headWith,
  sharesStatic,
  UNREADABLE,
  type Variant,
} from '../../../domain/feature/evaluate.ts';
import type { NoticeFacts } from '../../../domain/feature/notice.ts';
import { initialState } from '../../../domain/feature/state.ts';
import { NO_TERMS, type Terms } from '../../../domain/feature/terms.ts';
import { approved, notified, type Story, tell, vetoed } from './story.ts';
import { adoption, certify, day, facts, justBefore, notify, refuse, revoke, rollOf, sign, withdraw } from './support.ts';

const KEY = 'acme.lpr.search';
const NOW = day(12);

const on = (terms: Partial<Terms> = {}, notice: Partial<NoticeFacts> = {}) => {
  const set = { terms: { ...NO_TERMS, ...terms } };
  return notified({ notice: facts(notice) }).then(...adoption(1, set));
};
const heads = (...stories: readonly (Story | Head)[]): readonly Head[] =>
  stories.map((story) => ('kind' in story ? story : headWith(story.state)));
const ask = (stories: readonly (Story | Head)[], asked: EvaluationContext = {}, at = NOW) =>
  evaluate(KEY, heads(...stories), asked, at);
const variant = (...args: Parameters<typeof ask>): Variant => ask(...args).variant;

describe('a chain', () => {
  test('is on while every link of it is', () => {
    expect(ask([on(), on(), on()])).toStrictEqual({
      enabled: true,
      variant: 'enabled',
      reason: 'STATIC',
      because: 'every required approval is in force',
      change: 1,
      revision: 1,
      digest: approved().state.changes[0]?.digest,
      version: '2026.3',
      validUntil: '2027-03-12T12:00:00.000Z',
      effectiveUntil: '2027-03-12T12:00:00.000Z',
      limitedBy: { change: `${KEY}/1`, by: 'policy' },
      audience: null,
      conditions: [],
      pending: 0,
      fault: false,
    });
  });

  test.each<[string, Story | Head]>([
    ['nobody spoke of', ABSENT],
    ['is pending', notified()],
    ['is vetoed', vetoed()],
    ['was refused', notified().then(certify(day(10), 1, { votes: rollOf(3, 5) }))],
    ['was withdrawn', notified().then(withdraw(day(1), 1))],
    ['was revoked', approved().then(revoke(day(12), 1))],
    ['was removed', approved().then(notify(day(12), 2, { notice: facts({ kind: 'removal' }) }))],
    ['is outdated', approved().then(notify(day(12), 2, { notice: facts({ optOut: 'no' }) }))],
    ['has ended', on({ until: day(12) })],
  ])('is blocked by a prefix that %s', (_, off) => {
    for (const chain of [
      [off, on(), on()],
      [on(), off, on()],
    ]) {
      const answer = ask(chain);
      expect(answer).toMatchObject({ enabled: false, variant: 'blocked' });
      expect(answer.because).toMatch(/^acme/);
    }
  });

  test('turns everything below off when the contract ends, with no job', () => {
    const contract = on({}, { kind: 'new-feature', endsAt: day(60) });
    expect(variant([contract, on(), on()], {}, justBefore(day(60)))).toBe('enabled');
    const blocked = { enabled: false, variant: 'blocked', because: 'acme is expired' };
    expect(ask([contract, on(), on()], {}, day(60))).toMatchObject(blocked);
    expect(evaluate('acme', heads(contract), {}, day(60)).variant).toBe('expired');
  });

  test('ends with the earliest end in it, intersects audiences and gathers conditions', () => {
    const answer = ask(
      [
        on({ audience: ['Fire', 'Police'], conditions: 'One.' }),
        on({ until: day(40), audience: ['Parks', 'Police'] }),
        on({ conditions: 'Two.' }),
      ],
      { agencies: ['Police'] },
    );
    expect(answer).toMatchObject({
      enabled: true,
      reason: 'TARGETING_MATCH',
      effectiveUntil: day(40),
      limitedBy: { change: 'acme.lpr/1', by: 'decision' },
      audience: ['Police'],
      conditions: ['One.', 'Two.'],
    });
  });

  test.each<[string, Story | Head]>([
    ['nobody proposed', ABSENT],
    ['is pending', notified()],
    ['was revoked', approved().then(revoke(day(12), 1))],
    ['is outdated', approved().then(notify(day(12), 2, { notice: facts({ optOut: 'no' }) }))],
  ])('has no end where the key itself %s, whenever the contract ends', (_, off) => {
    expect(ask([on({ until: day(40) }), on(), off])).toMatchObject({ validUntil: null, effectiveUntil: null, limitedBy: null });
    expect(ask([off, on({ until: day(40) }), on()])).toMatchObject({ variant: 'blocked', effectiveUntil: day(40) });
  });

  test('without a common audience is off for every agency', () => {
    const apart = [on({ audience: ['Fire'] }), on({ audience: ['Police'] }), on()];
    expect(ask(apart, { agencies: ['Police'] })).toMatchObject({ enabled: false, variant: 'audience', audience: [] });
  });
});

describe('an unreadable record', () => {
  test('is off, at every link', () => {
    const fault = { enabled: false, because: 'what is stored cannot be relied on', fault: true };
    expect(ask([on(), on(), UNREADABLE])).toMatchObject({ ...fault, variant: 'unknown' });
    expect(ask([UNREADABLE, on(), on()])).toMatchObject({ ...fault, variant: 'blocked' });
    expect(ask([on(), UNREADABLE, on()])).toMatchObject({ ...fault, variant: 'blocked' });
  });

  test.each<[string, readonly (Story | Head)[], Parameters<typeof ask>[1], string]>([
    ['the key itself was revoked', [UNREADABLE, on(), approved().then(revoke(day(12), 1))], {}, 'revoked'],
    ['a key above was revoked', [UNREADABLE, approved().then(revoke(day(12), 1)), on()], {}, 'blocked'],
    ['another version is approved', [UNREADABLE, on(), on()], { version: 'other' }, 'version'],
    ['the agency is not approved', [UNREADABLE, on({ audience: ['Fire'] }), on()], { agencies: ['Police'] }, 'audience'],
  ])('is no fault where %s: an act would have said no by itself', (_, chain, context, variant) => {
    expect(ask(chain, context)).toMatchObject({ enabled: false, variant, fault: false });
  });

  test('or a missing one is off: a chain shorter than its key is never on', () => {
    expect(ask([])).toMatchObject({ enabled: false, variant: 'unknown' });
    expect(ask([on(), on()])).toMatchObject({ enabled: false, variant: 'unknown' });
    expect(evaluate('', [], {}, NOW).enabled).toBe(false);
    expect(evaluate('acme', [headWith(initialState)], {}, NOW)).toMatchObject({ enabled: false, variant: 'unknown' });
  });
});

describe('the order of answers', () => {
  const police = { audience: ['Police'] };
  const off = notified();

  test.each<[readonly (Story | Head)[], EvaluationContext, Variant]>([
    [[off, on(), on(police)], { version: '2', agencies: ['Fire'] }, 'version'],
    [[off, on(), on(police)], { version: '2026.3', agencies: ['Fire'] }, 'audience'],
    [[off, on(), on(police)], { version: '2026.3', agencies: ['Police'] }, 'blocked'],
    [[on(), on(), on(police)], { version: '2026.3', agencies: ['Police'] }, 'enabled'],
    // A version counts only when one was approved and it is that, an agency when any link has an audience.
    [[on(), on(), on({}, { version: null })], { version: '2026.3' }, 'version'],
    [[on({}, { version: '1' }), on({}, { version: '2' }), on()], { version: '2026.3' }, 'enabled'],
    [[on(police), on(), on()], { agencies: ['Fire'] }, 'audience'],
    [[on(police), on(), on()], { agencies: [''] }, 'audience'],
    [[on(police), on(), on()], { agencies: ['Police'] }, 'enabled'],
  ])('is version, then audience, then blocked: %#', (chain, asked, expected) => expect(variant(chain, asked)).toBe(expected));

  test('without an agency is audience only if some agency gets a yes', () => {
    const chains = ['', 'on', 'off', 'scheduled', 'police', 'fire'].flatMap((contract) =>
      ['on', 'off', 'police', 'unreadable'].map((product) => [contract, product]),
    );
    const links: Readonly<Record<string, Story | Head>> = {
      on: on(),
      off: on().then(revoke(day(12), 1)),
      scheduled: on({ from: day(20) }),
      police: on(police),
      fire: on({ audience: ['Fire'] }),
      unreadable: UNREADABLE,
    };
    const seen = new Set<Variant>();
    for (const [contract = '', product = ''] of chains) {
      const chain = [links[contract] ?? ABSENT, links[product] ?? ABSENT, on({ audience: ['Police', 'Parks'] })];
      const some = ['Fire', 'Parks', 'Police'].some((agency) => ask(chain, { agencies: [agency] }).enabled);
      expect(variant(chain), `${contract}, ${product}`).toBe(some ? 'audience' : 'blocked');
      seen.add(variant(chain));
    }
    expect([...seen].sort()).toEqual(['audience', 'blocked']);
  });

  test('puts a removal before everything, and a revocation and an expiry before outdated', () => {
    const outdate = notify(day(12), 2, { notice: facts({ optOut: 'no' }) });
    const remove = notify(day(13), 3, { notice: facts({ kind: 'removal' }) });
    approved()
      .then(outdate, revoke(day(12), 1))
      .is('revoked', day(12))
      .then(remove)
      .is('removed', day(13));
    on({ until: day(30) })
      .then(outdate)
      .is('outdated', day(29), { version: '9', agencies: ['Fire'] })
      .is('expired', day(30))
      .then(remove)
      .is('removed', day(30));
  });

  test('foretells the day of a removal, which also ends the approval of words that take effect only after it', () => {
    const forced = notified({ notice: facts({ optOut: 'no', effectiveAt: day(60) }) }).then(...adoption(1));
    const story = forced.then(notify(day(20), 2, { notice: facts({ kind: 'removal', effectiveAt: day(40) }) }));
    const at = (t: string) => evaluate('acme', heads(story), {}, t);
    const limitedBy = { by: 'removal', change: 'acme/2' };
    expect(at(day(21))).toMatchObject({ enabled: true, validUntil: day(40), effectiveUntil: day(40), limitedBy });
    story
      .is('enabled', justBefore(day(40)))
      .is('removed', day(40))
      .is('removed', day(60));
    expect(story.status(1, day(40))).toBe('removed');
  });

  test('shows only the number of open changes beside a change in force', () => {
    const waiting = approved().then(notify(day(12), 2), notify(day(12), 3), certify(day(22), 3), refuse(day(23), 3));
    expect(evaluate('acme', heads(waiting), {}, day(23))).toMatchObject({ enabled: true, change: 1, pending: 2 });
    expect(evaluate('acme', heads(notified()), {}, day(1))).toMatchObject({ enabled: false, change: 1, pending: 1 });
  });
});

test.each<[EvaluationContext, boolean]>([
  [{}, true],
  [{ agencies: ['Police'] }, true],
  [{ agencies: ['Police'], own: ['Police', 'Fire'] }, true],
  [{ agencies: ['Police', 'Fire'], own: ['Police'] }, false],
  [{ version: '1' }, false],
  [{ version: '1', agencies: ['Fire'], own: ['Police'] }, false],
])('an answer that is the same for all holds for who asks for no version and for own agencies: %j', (context, shares) =>
  expect(sharesStatic(context)).toBe(shares),
);

test('between two instants that its state names, nothing about a feature changes but by a commit', () => {
  const { state } = approved();
  expect(windowAround(initialState, NOW)).toStrictEqual({ from: null, until: null });
  expect(windowAround(state, day(11))).toStrictEqual({ from: day(11), until: day(45) });
  expect(windowAround(state, justBefore(day(11)))).toMatchObject({ until: day(11) });
  // Days of meetings, and a vendor's or an official's words, may begin with a date.
  const words = { ...NO_TERMS, conditions: '2026-03-14: report to the council' };
  const dated = tell(
    notify(day(0), 1, { notice: facts({ version: '2026-03-13T25:00:00.000Z' }) }),
    certify(day(10), 1, { meetingDate: '2026-03-11', terms: words }),
    sign(day(10), 1, { terms: words }),
  );
  expect(windowAround(dated.state, day(10)).until).toBe(day(45));
});
