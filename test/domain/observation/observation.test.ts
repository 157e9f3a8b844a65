import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  factsOfReport,
  ObservationReport,
  ObservationState,
  observationDecider,
  observationStream,
  placeOfObservation,
  type RecordObservation,
} from '../../../domain/observation/decide.ts';
import { ObservationEvent, Source } from '../../../domain/observation/events.ts';
import { STREAM_BYTES_MAX } from '../../../functions/platform/store/record.ts';
import { given as givenIn } from '../../support/given.ts';

const subject = { decider: observationDecider, parseEvent: ObservationEvent.parse, parseState: ObservationState.parse };
const given = (...past: readonly ObservationEvent[]) => givenIn(subject, ...past);

const nine = '2026-04-06T09:00:00.000Z';
const halfPast = '2026-04-06T09:30:00.000Z';
const ten = '2026-04-06T10:00:00.000Z';

type Look = Partial<Omit<ObservationEvent, 'type' | 'v'>>;

const look = ({ at, observedAt = nine, ...rest }: Look = {}): Omit<ObservationEvent, 'type' | 'v'> => ({
  source: 'portal',
  attested: false,
  person: null,
  features: { 'flock.lpr': true },
  evidence: null,
  note: null,
  ...rest,
  at: at ?? observedAt,
  observedAt,
});
const recorded = (of: Look = {}): ObservationEvent => ({ type: 'ObservationRecorded', v: 1, ...look(of) });
const record = (of: Look = {}): RecordObservation => ({ type: 'recordObservation', vendor: 'flock', ...look(of) });

const stateAfter = (...events: readonly ObservationEvent[]) =>
  events.reduce(observationDecider.evolve, observationDecider.initialState);

// What is news among reports of the same kind, the property below asks of any of them.
describe('recording what was seen', () => {
  const evidence = { sha256: 'ab'.repeat(32), title: 'an export' };
  const off = { observedAt: halfPast, features: { 'flock.lpr': false } };
  test.each<[string, readonly ObservationEvent[], Look, isNews: boolean]>([
    ['the first time', [], {}, true],
    ['twice', [recorded()], {}, false],
    ['a value that differs', [recorded()], off, true],
    [
      'a key that was not seen before, also when it is off',
      [recorded()],
      { observedAt: halfPast, features: { 'flock.cloud': false } },
      true,
    ],
    ['the same values within the hour', [recorded()], { observedAt: halfPast }, false],
    ['the same after an hour, a sign of life', [recorded()], { observedAt: ten }, true],
    ['evidence of it', [recorded()], { observedAt: halfPast, evidence }, true],
    ['a remark', [recorded()], { observedAt: halfPast, note: 'on at two sites' }, true],
    ['what was seen in full', [recorded()], { observedAt: halfPast, features: { 'flock.lpr': { on: true } } }, true],
    ['for whom', [recorded()], { observedAt: halfPast, features: { 'flock.lpr': { on: true, agencies: ['PD'] } } }, true],
    ['another version', [recorded()], { observedAt: halfPast, features: { 'flock.lpr': { on: true, version: '2' } } }, true],
    ['a report sent again after others', [recorded(), recorded(off)], { at: ten }, false],
    ['nothing seen', [], { features: {} }, true],
    ['what comes late', [recorded(), recorded({ observedAt: ten })], { at: ten, ...off }, true],
    [
      'of two of one instant the later',
      [recorded(), recorded({ features: { 'flock.lpr': false } })],
      { observedAt: halfPast },
      true,
    ],
    ['by a clock a little ahead', [], { at: nine, observedAt: '2026-04-06T09:05:00.000Z' }, true],
  ])('%s', (_, past, seen, isNews) => {
    const when = given(...past).when(record(seen));
    if (isNews) when.then(recorded(seen));
    else when.thenNothing();
  });
  test.each<[string, Look, vendor: string, 'other-vendor' | 'observed-in-future', string]>([
    [
      'another vendor’s key',
      { features: { 'flock.lpr': true, 'axon.body': true } },
      'flock',
      'other-vendor',
      '/features/axon.body',
    ],
    ['the city’s own keys', { features: { 'aldergate.policy': true } }, 'aldergate', 'other-vendor', '/vendor'],
    ['a vendor by its beginning', { features: { 'flocks.lpr': true } }, 'flock', 'other-vendor', '/features/flocks.lpr'],
    ['the future', { at: nine, observedAt: '2026-04-06T09:05:00.001Z' }, 'flock', 'observed-in-future', '/observedAt'],
  ])('%s is refused', (_, seen, vendor, code, pointer) =>
    given()
      .when({ ...record(seen), vendor })
      .thenRejected(code, pointer),
  );
  // Not through `given`: strict equality of objects looks at their constructor.
  test('a key like a prototype’s is a key like any other', () => {
    const seen = { ...record({ features: { constructor: false } }), vendor: 'constructor' };
    const first = observationDecider.decide(seen, stateAfter(recorded()));
    expect(first.ok ? first.events.length : 0).toBe(1);
    const again = observationDecider.decide(seen, stateAfter(recorded(), ...(first.ok ? first.events : [])));
    expect(again).toEqual({ ok: true, events: [] });
  });
  test('what is awaited is recorded also where it says nothing new, and once', () => {
    given(recorded())
      .when({ ...record({ observedAt: halfPast }), awaited: true })
      .then(recorded({ observedAt: halfPast }));
    given(recorded())
      .when({ ...record(), awaited: true })
      .thenNothing();
  });
});

test('what came late does not stand for what is newest', () => {
  const late = recorded({ at: ten, observedAt: nine, features: { 'flock.lpr': false } });
  const state = stateAfter(recorded({ observedAt: halfPast }), late);
  expect(state.newest?.observedAt).toBe(halfPast);
  expect(observationDecider.decide(record({ observedAt: '2026-04-06T09:45:00.000Z' }), state)).toEqual({ ok: true, events: [] });
});

const minutes = (n: number) => new Date(Date.parse(nine) + n * 60_000).toISOString();
const anyReport = fc.record({
  minute: fc.integer({ min: 0, max: 240 }),
  features: fc.constantFrom<ObservationEvent['features'][]>(
    { 'flock.a': true, 'flock.b': false },
    { 'flock.b': false, 'flock.a': true },
    { 'flock.a': false },
    { 'flock.a': { on: true } },
    {},
  ),
  person: fc.constantFrom(null, 'clerk'),
});

test('over any reports: recorded is what differs from the newest, is an hour younger, or is older, and was not recorded lately', () => {
  fc.assert(
    fc.property(fc.array(anyReport, { maxLength: 60 }), (reports) => {
      const past: ObservationEvent[] = [];
      let state = observationDecider.initialState;
      for (const { minute, ...rest } of reports) {
        const of = { ...rest, at: minutes(300), observedAt: minutes(minute) };
        const decision = observationDecider.decide(record(of), state);
        const same = (other: ObservationEvent) => other.person === of.person && isDeepStrictEqual(other.features, of.features);
        const newest = past
          .toReversed()
          .reduce<ObservationEvent | undefined>(
            (best, each) => (best === undefined || each.observedAt > best.observedAt ? each : best),
            undefined,
          );
        const lately = past.slice(-32).some((each) => same(each) && each.observedAt === of.observedAt);
        const age = newest === undefined ? Number.NaN : Date.parse(of.observedAt) - Date.parse(newest.observedAt);
        const isNothing = lately || (newest !== undefined && same(newest) && age >= 0 && age < 3_600_000);
        expect(decision).toStrictEqual({ ok: true, events: isNothing ? [] : [recorded(of)] });
        if (isNothing) continue;
        past.push(recorded(of));
        state = observationDecider.evolve(state, recorded(of));
      }
    }),
  );
});

test('the state keeps no value, and stays small for ever', () => {
  const reports = Array.from({ length: 200 }, (_, n) =>
    recorded({ observedAt: new Date(Date.parse(nine) + n * 7_200_000).toISOString(), features: { [`flock.a${n}`]: true } }),
  );
  const state = stateAfter(...reports);
  expect(JSON.stringify(state)).not.toContain('flock');
  expect(JSON.stringify(state).length).toBeLessThan(1_000);
});

const source = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    fc.constantFrom('@audit', '/', '..', '%40x', 'a/b', 'ñ', '🚓'.repeat(60), 'Señal 中文', "it's (new)"),
  )
  .filter((text) => Source.safeParse(text).success);

test('every source has a stream of its own at each vendor, apart from what is attested', () => {
  fc.assert(
    fc.property(source, source, fc.boolean(), fc.boolean(), (one, other, attested, otherAttested) => {
      const stream = observationStream('acme', one, attested);
      expect(placeOfObservation(stream)).toStrictEqual({ vendor: 'acme', source: one, attested });
      expect(stream).toMatch(/^observation\/acme\/[!-~]+$/);
      expect(Buffer.byteLength(stream)).toBeLessThanOrEqual(STREAM_BYTES_MAX);
      const same = one === other && attested === otherAttested;
      expect(observationStream('acme', other, otherAttested) === stream).toBe(same);
    }),
  );
});

test.each([
  'observation/acme',
  'observation/acme/',
  'observation/acme/@',
  'observation/acme/a/b',
  'observation/acme/a b',
  'observation/acme/%61',
  'observation/acme/%2',
  'observation/acme/%e4',
  'observation/acme/%c3%b1',
  'observation/acme/@@a',
  'observation/Acme/a',
  'observation/aldergate/a',
  'feature/acme/a',
  'observation/acme/%0A',
])('%s is no place of a report', (stream) => {
  expect(placeOfObservation(stream)).toBeUndefined();
});

test.each([
  ['an instant', '2026-03-05T18:00:00Z', '2026-03-05T18:00:00.000Z'],
  ['an instant of another offset', '2026-03-05T11:00:00-07:00', '2026-03-05T18:00:00.000Z'],
  ['a day, which says not when', '2026-03-05', undefined],
  ['no day', '2026-02-30', undefined],
])('a report whose time is %s', (_, observedAt, at) => {
  const { data } = ObservationReport.safeParse({ vendor: 'acme', source: 'check', observedAt, features: {} });
  expect(data && factsOfReport(data).observedAt).toBe(at);
});
