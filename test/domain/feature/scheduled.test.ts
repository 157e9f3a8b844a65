import { describe, expect, test } from 'vitest';
import { evaluate, headWith } from '../../../domain/feature/evaluate.ts';
import { readTerms } from '../../../domain/feature/terms.ts';
import { terms } from './readableTerms.ts';
import { approved, notified } from './story.ts';
import { adoption, day, revoke } from './support.ts';

const from = terms({ from: day(40) });
const starting = () => notified().then(...adoption(1, from));

describe('an approval with a start', () => {
  test('counts the term of the policy from the approval, not from its start', () => {
    expect(starting().state.changes[0]?.approved?.validUntil).toBe('2027-03-12T12:00:00.000Z');
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

test('a start given as a date is the beginning of that day in the city', () => {
  expect(terms({ from: '2026-05-01' }, 'America/Denver').terms.from).toBe('2026-05-01T06:00:00.000Z');
});

test.each([
  ['is no date', { from: '2026-02-30' }, '/from'],
  ['is not before the end', { from: '2026-05-02', until: '2026-05-01' }, '/until'],
  ['allows maintenance by another word than yes', { maintenance: 'no' }, '/maintenance'],
])('terms whose start or maintenance %s cannot be read', (_, input, pointer) => {
  expect(readTerms(input, 'UTC')).toMatchObject({ ok: false, pointer });
});
