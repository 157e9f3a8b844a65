import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { FeatureEvent } from '../../../../domain/feature/events.ts';
import { eventSchemas } from '../../../../functions/reactions/relay/cloudEvents.ts';
import { eventExamples, eventsDocument } from './eventsDocument.ts';

const schemas = eventSchemas();
const examples = eventExamples();
const types = (schemas['properties'] as { type: { enum: string[] } }).type.enum;

const eventOf = (type: string, data: unknown) => ({
  specversion: '1.0',
  id: 'commit-0',
  source: 'aldergate',
  type,
  subject: 'northcam',
  time: '2026-04-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  sequence: 1,
  data,
});

test('the page about events is the one that the stories make (vitest -u writes it)', async () => {
  await expect(eventsDocument()).toMatchFileSnapshot('../../../../docs/events.md');
});

test('the schema and the page have every type of event, each once', () => {
  expect([...examples.keys()].sort()).toEqual([...types].sort());
  for (const option of FeatureEvent.options) expect(types).toContain(`aldergate.feature.${option.shape.type.value}.v1`);
  expect(types.every((type) => /^aldergate\.(?:[a-z]+\.)?[A-Z][A-Za-z]+\.v1$/.test(type))).toBe(true);
});

test('each example fits its schema, with one field too many or under another type it does not', () => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schemas);
  for (const [type, data] of examples) {
    expect(validate(eventOf(type, data)), `${type} ${JSON.stringify(validate.errors)}`).toBe(true);
    expect(validate(eventOf(type, { ...data, more: 1 })), type).toBe(false);
    const other = types.find((each) => each !== type) ?? '';
    expect(validate(eventOf(other, data)), type).toBe(false);
  }
});
