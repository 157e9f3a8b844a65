import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { FeatureEvent } from '../../../../domain/feature/events.ts';
import type { Bus, CloudEvent } from '../../../../functions/platform/bus/port.ts';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import { deadLetters } from '../../../../functions/platform/feed/deadLetters.ts';
import type { LogEntry } from '../../../../functions/platform/logging.ts';
import { commitOf } from '../../../../functions/platform/store/record.ts';
import { eventSchemas, streamOf } from '../../../../functions/reactions/relay/cloudEvents.ts';
import { driftLines, relay } from '../../../../functions/reactions/relay/relay.ts';
import { openGate } from '../../openGate.ts';
import { derived, eventExamples, eventsDocument } from './eventsDocument.ts';

/** A bus that refuses as told and keeps what it took. */
const keeping = (refuse: (event: CloudEvent) => string | undefined = () => undefined) => {
  const taken: CloudEvent[] = [];
  const bus: Bus = {
    publish: async (events) => {
      const bad = events.findIndex((event) => refuse(event) !== undefined);
      const good = bad < 0 ? events : events.slice(0, bad);
      taken.push(...good);
      return events.slice(good.length).map((event) => ({ event, code: refuse(event) ?? 'Behind', message: 'no' }));
    },
  };
  return { bus, taken };
};

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

/** A vendor's events have its id as their subject, as those of its contract do. */
const isOfFeature = ({ subject, type }: { readonly subject: string; readonly type: string }) =>
  subject === 'acme' && type.startsWith('aldergate.feature.');

test('a commit’s events leave as CloudEvents, in order, named by the commit', async () => {
  const gate = await openGate();
  const { digest } = await gate.notice({ feature: 'acme.lpr' });
  await gate.certify('acme.lpr/1', digest);
  const { bus, taken } = keeping();
  await runConsumers(gate.ports, [relay(bus)]).sweep();
  const ours = taken.filter(({ subject }) => subject === 'acme.lpr');
  const commits = (await gate.store.history('feature/acme.lpr', {})).map(commitOf);
  expect(ours.map(({ type }) => type)).toEqual([
    'aldergate.feature.ChangeNotified.v1',
    'aldergate.feature.VoteCertified.v1',
    'aldergate.feature.RequirementMet.v1',
  ]);
  expect(ours.map(({ id }) => id)).toEqual([`${commits[0]?.id}-0`, `${commits[1]?.id}-0`, `${commits[1]?.id}-1`]);
  const of = { id: `${commits[1]?.id}-1`, subject: 'acme.lpr', time: commits[1]?.at, sequence: 2 };
  expect(ours[2]).toEqual({ ...eventOf('aldergate.feature.RequirementMet.v1', commits[1]?.events[1]), ...of });
  expect(taken.map(({ type }) => type)).toContain('aldergate.policy.PolicyAdopted.v1');
  expect(taken.some(({ type }) => type.includes('receipt'))).toBe(false);
});

test.each([
  ['away is waited for: nothing is lost, nothing overtakes', 'ThrottlingException', [1], [1, 2, 3]],
  ['never taking an event has that parked, and what follows it leaves', 'ValidationException', [1, 3], [1, 3]],
])('a bus that is %s', async (_, code, meanwhile, after) => {
  const gate = await openGate();
  for (let n = 0; n < 3; n += 1) await gate.notice();
  let refuses = true;
  const { bus, taken } = keeping((event) => (refuses && isOfFeature(event) && event.sequence === 2 ? code : undefined));
  const consumers = runConsumers(gate.ports, [relay(bus)]);
  const sequences = () => taken.filter(isOfFeature).map(({ sequence }) => sequence);
  for (let round = 0; round < 10; round += 1) {
    await consumers.sweep();
    gate.later(60_000);
  }
  expect(sequences()).toEqual(meanwhile);
  refuses = false;
  await consumers.sweep();
  expect(sequences()).toEqual(after);
  const parked = (await deadLetters(gate.sideStore)).map(({ consumer, stream, version }) => [consumer, stream, version]);
  expect(parked).toEqual(after.length === 3 ? [] : [['relay', 'feature/acme', 2]]);
});

const schemas = eventSchemas();
const examples = eventExamples();
const types = (schemas['properties'] as { type: { enum: string[] } }).type.enum;

test('of what is derived each case of drift that opens is a line, which raises an alarm', async () => {
  const lines: LogEntry[] = [];
  const { handle } = driftLines((line) => void lines.push(line));
  for (const event of derived) await handle({ id: event.type, event, cause: { time: event.at }, queued: event.at });
  const drift = { key: 'northcam.lookup', kind: 'not-approved', since: '2026-03-31T18:20:00.000Z', source: 'city-it' };
  expect(lines).toEqual([{ level: 'error', event: 'drift', ...drift }]);
  expect(streamOf({ type: 'aldergate.derived.DriftOpened.v1', subject: 'acme' })).toBeUndefined();
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
