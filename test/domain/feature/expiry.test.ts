import { describe, expect, test } from 'vitest';
import type { TermsInput } from '../../../domain/feature/terms.ts';
import { council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { terms } from './readableTerms.ts';
import { tell } from './story.ts';
import { certify, day, facts, inForce, notify, sign } from './support.ts';

describe('the end of an approval', () => {
  const valid = (input: TermsInput, endsAt: string | null, term?: string) => {
    const rules = { policy: inForce(policy(rule([council(), mayor()], term === undefined ? {} : { term }))) };
    const story = tell(
      notify(day(0), 1, { ...rules, notice: facts({ endsAt }) }),
      certify(day(10), 1, { ...rules, ...terms(input) }),
      sign(day(11), 1, { ...rules, ...terms(input) }),
    );
    return { story, until: story.state.changes[0]?.approved?.validUntil };
  };

  test.each<[string, TermsInput, string | null, string | undefined, string | null]>([
    ['the notice', { until: day(50) }, day(40), 'P2M', day(40)],
    ['the terms', { until: day(30) }, day(40), 'P2M', day(30)],
    ['the rule', { until: day(90) }, day(80), 'P1M', day(42)],
    ['nothing', {}, null, undefined, null],
  ])('is the earliest of what sets one: %s', (_, input, endsAt, term, until) => {
    expect(valid(input, endsAt, term).until).toBe(until);
  });

  test('is already over when the notice ended before it was approved', () => {
    valid({}, day(5)).story.is('expired', day(11));
  });
});
