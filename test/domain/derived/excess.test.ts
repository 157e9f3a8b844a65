import fc from 'fast-check';
import { expect, test } from 'vitest';
import { excess, seenIn } from '../../../domain/derived/cases.ts';
import type { FeatureCommand } from '../../../domain/feature/commands.ts';
import { featureDecider } from '../../../domain/feature/decide.ts';
import { evaluate, headWith, mayBeOn, VARIANTS, type Variant } from '../../../domain/feature/evaluate.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import type { ObservedValue } from '../../../domain/observation/events.ts';
import { adoption, day, facts, notify, revoke } from '../feature/support.ts';
import { city } from '../judge/log.ts';

const approved = (variant: Variant, of: Partial<Parameters<typeof excess>[1]> = {}) => ({
  variant,
  change: 1,
  audience: null,
  version: '2',
  ...of,
});
const kindOf = (value: ObservedValue, ...[variant, of]: Parameters<typeof approved>) =>
  excess(seenIn(value), approved(variant, of));

test('what is off exceeds nothing', () => {
  for (const variant of VARIANTS) for (const off of [false, { on: false, version: '9' }]) expect(kindOf(off, variant)).toBeNull();
});

test('what is on exceeds every answer but those that let it be on for somebody', () => {
  const kinds = Object.fromEntries(VARIANTS.map((variant) => [variant, kindOf(true, variant)]));
  const { enabled, audience, removed, ...others } = kinds;
  expect([enabled, audience, removed]).toStrictEqual([null, null, 'removed']);
  expect(new Set(Object.values(others))).toStrictEqual(new Set(['not-approved']));
});

test.each<[string, ObservedValue, Variant, Parameters<typeof approved>[1], ReturnType<typeof excess>]>([
  ['a key without any change', true, 'unknown', { change: null }, 'never-announced'],
  ['a key whose change gives no answer', true, 'unknown', {}, 'not-approved'],
  ['another version than the approved one', { on: true, version: '3' }, 'enabled', {}, 'version'],
  ['the approved version', { on: true, version: '2' }, 'enabled', {}, null],
  ['a version where the approved words name none', { on: true, version: '2' }, 'enabled', { version: null }, 'version'],
  ['an agency that is among others', { on: true, agencies: ['PD'] }, 'audience', { audience: ['FD', 'PD'] }, null],
  ['an agency that is not', { on: true, agencies: ['PD', 'SO'] }, 'audience', { audience: ['PD'] }, 'audience'],
  ['any agency where all may', { on: true, agencies: ['SO'] }, 'enabled', {}, null],
  [
    'both another agency and another version',
    { on: true, agencies: ['SO'], version: '3' },
    'audience',
    { audience: ['PD'] },
    'audience',
  ],
  ['another agency where it may be on for none', { on: true, agencies: ['SO'] }, 'pending', { audience: [] }, 'not-approved'],
])('%s', (_, value, variant, of, kind) => {
  expect(kindOf(value, variant, of)).toBe(kind);
});

/** A key after some acts, as the gate holds it. */
const headAfter = (...acts: readonly FeatureCommand[]) =>
  headWith(
    acts.length === 0
      ? null
      : city()
          .feat(...acts)
          .stateOf('feature/acme', featureDecider),
  );
const approvedFor = (audience: readonly string[] | null, version: string | null) => [
  notify(day(0), 1, { notice: facts({ version }) }),
  ...adoption(1, { terms: { ...NO_TERMS, audience: audience === null ? null : [...audience] } }),
];
const HEADS = [
  headAfter(),
  headAfter(notify(day(0), 1)),
  ...[null, ['PD'], ['FD', 'PD']].flatMap((audience) =>
    ['2', null].map((version) => headAfter(...approvedFor(audience, version))),
  ),
  headAfter(...approvedFor(null, '2'), revoke(day(20), 1)),
];

test('what is on exceeds exactly where the gate would answer no to the agencies and the version seen', () => {
  expect(HEADS.filter((head) => mayBeOn(evaluate('acme', [head], {}, day(30)).variant))).toHaveLength(6);
  const agencies = fc.option(fc.uniqueArray(fc.constantFrom('PD', 'FD', 'SO'), { minLength: 1 }));
  const version = fc.option(fc.constantFrom('2', '3'));
  fc.assert(
    fc.property(fc.constantFrom(...HEADS), agencies, version, (head, seenFor, seenVersion) => {
      const ask = (of: readonly string[] | undefined) =>
        evaluate('acme', [head], { agencies: of, version: seenVersion ?? undefined }, day(30));
      // Where the agencies are not known, it may be on if it may be on for anybody.
      const allowed = seenFor === null ? ['PD', 'FD', 'SO'].some((agency) => ask([agency]).enabled) : ask(seenFor).enabled;
      const seen = { on: true, agencies: seenFor, version: seenVersion };
      expect(excess(seen, evaluate('acme', [head], {}, day(30))) === null).toBe(allowed);
    }),
  );
});
