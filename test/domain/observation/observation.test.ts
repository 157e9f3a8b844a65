import { describe, expect, test } from 'vitest';
import { observationDecider, type RecordObservation } from '../../../domain/observation/decide.ts';
import { ObservationEvent } from '../../../domain/observation/events.ts';
import { ObservationState } from '../../../domain/observation/state.ts';
import { given as givenIn } from '../../support/given.ts';

const subject = { decider: observationDecider, parseEvent: ObservationEvent.parse, parseState: ObservationState.parse };
const given = (...past: readonly ObservationEvent[]) => givenIn(subject, ...past);

const nine = '2026-04-06T09:00:00.000Z';
const halfPast = '2026-04-06T09:30:00.000Z';
const ten = '2026-04-06T10:00:00.000Z';

type Look = Partial<Pick<ObservationEvent, 'at' | 'source' | 'observedAt' | 'features' | 'evidence'>>;

const look = ({ at, source = 'portal', observedAt = nine, features = { 'flock.lpr': true }, evidence = null }: Look = {}) => ({
  at: at ?? observedAt,
  source,
  observedAt,
  features,
  evidence,
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
  test('each source has its own', () =>
    given(recorded())
      .when(record({ observedAt: halfPast, source: 'constructor' }))
      .then(recorded({ observedAt: halfPast, source: 'constructor' })));
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
  test('more than the state can keep is refused', () => {
    const features = (from: number) =>
      Object.fromEntries(
        Array.from({ length: 80 }, (_, index) => [`flock.${'x'.repeat(40)}.${'y'.repeat(40)}.n${from + index}`, true]),
      );
    const past = [0, 80].map((from) => recorded({ features: features(from), source: `portal ${from}` }));
    given(...past)
      .when(record({ features: features(160), observedAt: ten }))
      .thenRejected('too-many-features', '/features');
  });
});

describe('the latest value', () => {
  test('is the one observed last, in whatever order they were reported', () => {
    const { features, sources } = stateAfter(
      recorded({ observedAt: ten }),
      recorded({ at: ten, observedAt: halfPast, features: { 'flock.lpr': false } }),
    );
    expect(features).toStrictEqual({ 'flock.lpr': { on: true, since: ten, observedAt: ten, source: 'portal' } });
    expect(sources).toStrictEqual([{ source: 'portal', observedAt: ten }]);
  });
  test('of a key that a later look left out stays', () =>
    expect(Object.keys(stateAfter(recorded(), recorded({ observedAt: ten, features: {} })).features)).toStrictEqual([
      'flock.lpr',
    ]));
});
