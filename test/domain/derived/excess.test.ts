import { expect, test } from 'vitest';
import { excess, seenIn } from '../../../domain/derived/drift.ts';
import { VARIANTS, type Variant } from '../../../domain/feature/evaluate.ts';
import type { ObservedValue } from '../../../domain/observation/events.ts';

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
