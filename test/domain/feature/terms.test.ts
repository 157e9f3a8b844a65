import { describe, expect, test } from 'vitest';
import { beginsBetween, due } from '../../../domain/feature/due.ts';
import { evaluate, headWith } from '../../../domain/feature/evaluate.ts';
import { POLICY_KEY } from '../../../domain/feature/keys.ts';
import { readTerms, type TermsInput } from '../../../domain/feature/terms.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { terms } from './readableTerms.ts';
import { APPROVES, approved, notified, passed, type Story, tell, under } from './story.ts';
import {
  adoption,
  certify,
  correct,
  day,
  facts,
  justBefore,
  notify,
  override,
  refuse,
  revise,
  revoke,
  sign,
  tick,
} from './support.ts';

describe('terms', () => {
  const set = (input: TermsInput, zone?: string) => notified().then(certify(day(10), 1, terms(input, zone)));

  test('are set by the first decision, and a later one on others is refused', () => {
    set({ audience: ['Police'], conditions: 'Keep it for 30 days.' })
      .refuses(sign(day(11), 1), 'other-terms')
      .refuses(sign(day(11), 1, terms({ audience: ['Police'] })), 'other-terms')
      .refuses(sign(day(11), 1, terms({ audience: ['Police', 'Fire'], conditions: 'Keep it for 30 days.' })), 'other-terms')
      .yields(sign(day(11), 1, terms({ audience: ['Police'], conditions: 'Keep it for 30 days.' })), ...APPROVES);
    passed().refuses(sign(day(11), 1, terms({ until: '2026-12-31' })), 'other-terms');
  });

  test.each<[string, TermsInput, TermsInput]>([
    ['white space around them', { conditions: '  Keep it.\n' }, { conditions: 'Keep it.' }],
    ['how lines end', { conditions: 'One.\r\nTwo.' }, { conditions: 'One.\nTwo.' }],
    ['how accents are composed', { conditions: 'Cafe\u0301' }, { conditions: 'Caf\u00e9' }],
    ['the order and repetition of agencies', { audience: ['Police', 'Fire', 'Police'] }, { audience: ['Fire', 'Police'] }],
    ['blank fields', { until: '', audience: [''], conditions: ' ' }, {}],
    ['a date and the instant in which it ends', { until: '2026-12-31' }, { until: '2027-01-01T00:00:00Z' }],
    ['the offset of an instant', { until: '2026-12-31T17:00:00-07:00' }, { until: '2027-01-01T00:00:00.000Z' }],
  ])('are the same whatever %s', (_, one, other) => {
    set(one).yields(sign(day(11), 1, terms(other)), ...APPROVES);
  });

  test('begin and end with days of the city', () => {
    expect(terms({ from: '2026-05-01', until: '2026-12-31' }, 'America/Denver').terms).toMatchObject({
      from: '2026-05-01T06:00:00.000Z',
      until: '2027-01-01T07:00:00.000Z',
    });
  });

  test.each<[string, TermsInput, ...string[]]>([
    ['a date that is none', { until: '2026-02-30' }, 'until'],
    ['too long conditions', { conditions: 'x'.repeat(2001) }, 'conditions'],
    ['too many agencies', { audience: Array.from({ length: 41 }, (_, index) => `Agency ${index}`) }, 'audience'],
    ['terms too long together', { conditions: '界'.repeat(2000) }, 'conditions'],
    ['a start that is no date', { from: '2026-02-30' }, 'from'],
    ['an end before the start', { from: '2026-05-02', until: '2026-05-01' }, 'until'],
    ['another word than yes for maintenance', { maintenance: 'no' }, 'maintenance'],
    ['an agency with a control character', { audience: ['Po\u0007lice'] }, 'audience'],
    ['several faults', { from: 'soon', until: '2026-02-30', maintenance: 'no' }, 'from', 'until', 'maintenance'],
  ])('with %s cannot be read', (_, input, ...faults) => {
    expect(readTerms(input, 'UTC')).toEqual({ ok: false, faults });
  });

  test('that are over when the last one signs approve nothing', () => {
    const until = terms({ until: day(12) });
    const ending = notified().then(certify(day(10), 1, until));
    ending.refuses(sign(day(12), 1, until), 'until-passed', '/until');
    ending
      .then(sign(justBefore(day(12)), 1, until))
      .is('enabled', justBefore(day(12)))
      .is('expired', day(12));
  });
});

describe('a change whose words end', () => {
  const ends = (end: string) => ({ notice: facts({ endsAt: end }) });
  const lapsing = (story: Story, now: string) => due(story.state, now).map(({ type, at }) => [type, at]);

  test('lapses then, under a rule or none, so that nobody is asked about what can never be on', () => {
    for (const story of [notified(ends(day(30))), under({ policy: null }).notified(ends(day(30)))]) {
      expect(lapsing(story, justBefore(day(30)))).toStrictEqual([]);
      expect(lapsing(story, day(40))).toStrictEqual([['ChangeLapsed', day(30)]]);
    }
  });

  test('lapses with its window where that ends first', () => {
    expect(lapsing(notified(ends(day(99))), day(99))).toStrictEqual([['ChangeLapsed', day(90)]]);
  });

  test('lapses as it comes if its words are over, and as words come that are', () => {
    expect(lapsing(tell(notify(day(20), 1, ends(day(10)))), day(20))).toStrictEqual([['ChangeLapsed', day(20)]]);
    expect(lapsing(notified().then(revise(day(20), 1, 2, ends(day(10)))), day(20))).toStrictEqual([['ChangeLapsed', day(20)]]);
  });

  test('waits no longer for a second vote, nor for a second person', () => {
    const vetoed = notified(ends(day(30))).then(certify(day(28), 1), refuse(day(29), 1));
    expect(vetoed.state.changes[0]?.veto?.until).toBe(day(30));
    expect(lapsing(vetoed, justBefore(day(30)))).toStrictEqual([]);
    expect(lapsing(vetoed, day(30))).toStrictEqual([['ChangeRefused', day(30)]]);
    vetoed
      .refuses(override(day(30), 1), 'closed')
      .refuses(sign(day(30), 1, { decision: 'take-back', comment: digestOf('a slip') }), 'closed');
    const waits = vetoed.then(override(justBefore(day(30)), 1));
    expect(waits.state.changes[0]?.confirmation?.until).toBe(day(30));
    expect(lapsing(waits, day(30))).toStrictEqual([['ChangeRefused', day(30)]]);
    const missed = notified(ends(day(30))).then(certify(day(20), 1), tick(day(25)));
    expect(missed.state.changes[0]?.veto).toMatchObject({ at: day(25), until: day(30) });
  });
});

test('words that are over by then cannot be approved, so that they end nothing that is in force', () => {
  const over = { endsAt: day(30) };
  const story = approved().then(notify(day(20), 2, { notice: facts(over) }), certify(day(29), 2));
  story.refuses(sign(day(30), 2), 'closed').goes(tick(day(30)), 'ChangeLapsed');
  story.then(sign(justBefore(day(30)), 2)).is('expired', day(30));
  story.is('enabled', day(31));
  approved()
    .then(notify(day(20), 2, { notice: facts(over) }))
    .refuses(certify(day(29), 2, terms({ from: day(30) })), 'until-passed', '/from');
});

test('what could begin only once the longest time of its rule is over cannot be approved, nor its record corrected to that', () => {
  const late = (from: string) => terms({ from });
  const inAYear = '2027-03-11T12:00:00.000Z';
  notified().refuses(certify(day(10), 1, late(inAYear)), 'until-passed', '/from');
  const story = notified().then(certify(day(10), 1, late(justBefore(inAYear))));
  story.refuses(correct(day(10), 1, late(inAYear)), 'until-passed', '/from');
  story
    .then(sign(day(10), 1, late(justBefore(inAYear))))
    .is('scheduled', day(11))
    .is('enabled', justBefore(inAYear));
});

const from = terms({ from: day(40) });
const starting = () => notified().then(...adoption(1, from));

test('an approval of the city’s own rules has no end, whatever term the rules give to others', () => {
  const rules = notify(day(0), 1, { key: POLICY_KEY, notice: facts({ kind: 'terms' }) });
  const decided = tell(rules, ...adoption(1));
  expect(decided.state.changes[0]?.approved?.validUntil).toBeNull();
  decided.is('enabled', day(4000));
});

describe('an approval with a start', () => {
  test('counts the term of the policy from the approval, not from its start', () => {
    expect(starting().state.changes[0]?.approved?.validUntil).toBe('2027-03-12T12:00:00.000Z');
  });

  test('begins between two instants only if it began after the one, and by the other', () => {
    const { state } = starting();
    const between = (one: number, other: number) => beginsBetween(state, day(one), day(other));
    expect([between(39, 40), between(12, 39), between(40, 41), between(41, 800)]).toStrictEqual([true, false, false, false]);
  });

  test('blocks what is beneath it until then', () => {
    const heads = [headWith(starting().state), headWith(approved().state)];
    expect(evaluate('acme.lpr', heads, {}, day(39))).toMatchObject({
      enabled: false,
      variant: 'blocked',
      because: 'acme is scheduled',
    });
    expect(evaluate('acme.lpr', heads, {}, day(40)).enabled).toBe(true);
  });

  test('gives the start of its effect and its limits', () => {
    const police = terms({ from: day(40), until: day(60), audience: ['Police'] });
    const { state } = notified().then(...adoption(1, police));
    expect(evaluate('acme', [headWith(state)], {}, day(20))).toMatchObject({
      variant: 'scheduled',
      because: `the approval takes effect at ${day(40)}`,
      reason: 'TARGETING_MATCH',
      audience: ['Police'],
      validUntil: day(60),
    });
  });

  test('can be revoked before it starts', () => {
    starting()
      .then(revoke(day(20), 1))
      .is('revoked', day(41));
  });
});
