import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
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

describe('recording what was seen', () => {
  test('the first time', () => given().when(record()).then(recorded()));
  test('twice is nothing', () => given(recorded()).when(record()).thenNothing());
  test('a value that differs is news', () =>
    given(recorded())
      .when(record({ observedAt: halfPast, features: { 'flock.lpr': false } }))
      .then(recorded({ observedAt: halfPast, features: { 'flock.lpr': false } })));
  test('a key that was not seen before is news, also when it is off', () =>
    given(recorded())
      .when(record({ observedAt: halfPast, features: { 'flock.cloud': false } }))
      .then(recorded({ observedAt: halfPast, features: { 'flock.cloud': false } })));
  // Not through `given`: strict equality of objects looks at their constructor.
  test('a key like a prototype’s is a key like any other', () => {
    const off = { ...record({ features: { constructor: false } }), vendor: 'constructor' };
    const first = observationDecider.decide(off, stateAfter(recorded()));
    expect(first.ok ? first.events.length : 0).toBe(1);
    const again = observationDecider.decide(off, stateAfter(recorded(), ...(first.ok ? first.events : [])));
    expect(again).toEqual({ ok: true, events: [] });
  });
  test('the same values within the hour are nothing', () =>
    given(recorded())
      .when(record({ observedAt: halfPast }))
      .thenNothing());
  test('after an hour they are a sign of life', () =>
    given(recorded())
      .when(record({ observedAt: ten }))
      .then(recorded({ observedAt: ten })));
  const evidence = { sha256: 'ab'.repeat(32), title: 'an export' };
  test.each<[string, Look]>([
    ['another person sees the same', { person: 'clerk' }],
    ['there is evidence of it now', { evidence }],
    ['a remark is made', { note: 'on at two sites' }],
    ['what was seen is told in full', { features: { 'flock.lpr': { on: true } } }],
    ['it is on for others', { features: { 'flock.lpr': { on: true, agencies: ['PD'] } } }],
    ['another version runs', { features: { 'flock.lpr': { on: true, version: '2' } } }],
  ])('within the hour it is news that %s', (_, change) =>
    given(recorded())
      .when(record({ observedAt: halfPast, ...change }))
      .then(recorded({ observedAt: halfPast, ...change })),
  );
  test('a value that was seen before another is news again', () => {
    const off = recorded({ observedAt: '2026-04-06T09:10:00.000Z', features: { 'flock.lpr': false } });
    given(recorded(), off)
      .when(record({ observedAt: halfPast }))
      .then(recorded({ observedAt: halfPast }));
  });
  test('what is awaited is recorded also where it says nothing new, and once', () => {
    given(recorded())
      .when({ ...record({ observedAt: halfPast }), awaited: true })
      .then(recorded({ observedAt: halfPast }));
    given(recorded())
      .when({ ...record(), awaited: true })
      .thenNothing();
  });
  test('a report sent again is nothing, also after others', () => {
    const off = recorded({ observedAt: halfPast, features: { 'flock.lpr': false } });
    given(recorded(), off)
      .when(record({ at: ten }))
      .thenNothing();
  });
  test('nothing seen is a sign of life too', () =>
    given()
      .when(record({ features: {} }))
      .then(recorded({ features: {} })));
  test('what comes late is kept in the history, once', () => {
    const late = { at: ten, observedAt: halfPast, features: { 'flock.lpr': false } };
    given(recorded(), recorded({ observedAt: ten }))
      .when(record(late))
      .then(recorded(late));
  });
  test('another vendor’s key is refused', () =>
    given()
      .when(record({ features: { 'flock.lpr': true, 'axon.body': true } }))
      .thenRejected('other-vendor', '/features/axon.body'));
  test('the city’s own keys are no vendor’s', () =>
    given()
      .when({ ...record({ features: { 'aldergate.policy': true } }), vendor: 'aldergate' })
      .thenRejected('other-vendor', '/vendor'));
  test('a vendor is a whole segment', () =>
    given()
      .when(record({ features: { 'flocks.lpr': true } }))
      .thenRejected('other-vendor', '/features/flocks.lpr'));
  test('a clock a little ahead is taken', () =>
    given()
      .when(record({ at: nine, observedAt: '2026-04-06T09:05:00.000Z' }))
      .then(recorded({ at: nine, observedAt: '2026-04-06T09:05:00.000Z' })));
  test('the future is refused: it would shut out all that comes before it', () =>
    given()
      .when(record({ at: nine, observedAt: '2026-04-06T09:05:00.001Z' }))
      .thenRejected('observed-in-future', '/observedAt'));
});

test('what came late does not stand for what is newest', () => {
  const late = recorded({ at: ten, observedAt: nine, features: { 'flock.lpr': false } });
  const state = stateAfter(recorded({ observedAt: halfPast }), late);
  expect(state.newest?.observedAt).toBe(halfPast);
  expect(observationDecider.decide(record({ observedAt: '2026-04-06T09:45:00.000Z' }), state)).toEqual({ ok: true, events: [] });
});

test('of two reports of one instant the later one stands', () => {
  const off = recorded({ features: { 'flock.lpr': false } });
  const again = { observedAt: halfPast };
  given(recorded(), off).when(record(again)).then(recorded(again));
  given(off, recorded()).when(record(again)).thenNothing();
});

test('what was seen before the newest report is recorded, also within the hour and though it says the same', () => {
  const earlier = { at: ten, observedAt: nine };
  given(recorded({ observedAt: halfPast }))
    .when(record(earlier))
    .then(recorded(earlier));
});

const minutes = (n: number): string => new Date(Date.parse(nine) + n * 60_000).toISOString();
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
        const same = (other: ObservationEvent): boolean =>
          other.person === of.person && isDeepStrictEqual(other.features, of.features);
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
