import { expect, test } from 'vitest';
import { FeatureEvent } from '../../../../domain/feature/events.ts';
import { catalogue, eventsDocument } from './eventsDocument.ts';

test('the page about events is the one the schemas make (vitest -u writes it)', async () => {
  await expect(eventsDocument()).toMatchFileSnapshot('../../../../docs/events.md');
});

test('every event of a feature is in the catalogue, each type once', () => {
  const types = catalogue().map(({ type }) => type);
  expect(new Set(types).size).toBe(types.length);
  for (const option of FeatureEvent.options) expect(types).toContain(`aldergate.feature.${option.shape.type.value}.v1`);
  expect(types).toContain('aldergate.policy.PolicyAdopted.v1');
  expect(types.every((type) => /^aldergate\.[a-z]+\.[A-Z][A-Za-z]+\.v1$/.test(type))).toBe(true);
});

test('each schema is closed and names its type', () => {
  for (const { type, schema } of catalogue()) {
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    const [, , name] = type.split('.');
    expect(schema).toMatchObject({ properties: { type: { const: name } } });
  }
});
