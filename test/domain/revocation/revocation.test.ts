import { describe, expect, test } from 'vitest';
import { featureDecider } from '../../../domain/feature/decide.ts';
import { ABSENT, headWith, UNREADABLE } from '../../../domain/feature/evaluate.ts';
import { initialState } from '../../../domain/feature/state.ts';
import { STATE_BYTES_MAX } from '../../../domain/kernel/commit.ts';
import {
  headUnder,
  type RecordRevocation,
  RevocationState,
  recordedAgainst,
  revocationDecider,
  revokedKeys,
} from '../../../domain/revocation/decide.ts';
import { RevocationRecorded } from '../../../domain/revocation/events.ts';
import { roster, withAdvice } from '../../support/fixtures/city.ts';
import { given as from } from '../../support/given.ts';
import { adoption, certify, date, day, notify, override, refuse, rollOf } from '../feature/support.ts';
import { city, type Log } from '../judge/log.ts';
import { recordedRevocation as recorded } from '../judge/recordedStories.ts';

const revocations = {
  decider: revocationDecider,
  parseEvent: (json: unknown) => RevocationRecorded.parse(json),
  parseState: (json: unknown) => RevocationState.parse(json),
};
const { type: _, v: __, ...act } = recorded();
const stateOf = (log: Log) => log.stateOf('feature/acme', featureDecider);
const approved = stateOf(city().feat(notify(day(0), 1), ...adoption(1)));
const record = (over: Partial<RecordRevocation> = {}): RecordRevocation => ({
  ...act,
  zone: 'UTC',
  roster: roster(),
  feature: approved,
  ...over,
});
const clerk = { requirement: 'council', holder: 'clerk', body: 'clerk', seat: 'clerk' };

describe('a revocation beside the feature', () => {
  test('is recorded', () => from(revocations).when(record()).then(recorded()));
  test('is recorded once for each body', () => from(revocations, recorded()).when(record()).thenNothing());
  test('is recorded for another body, too', () =>
    from(revocations, recorded())
      .when(record({ ...clerk, fileNumber: 'R-1' }))
      .then(recorded({ ...clerk, fileNumber: 'R-1' })));
  test('is refused to a person who does not hold the seat', () =>
    from(revocations)
      .when(record({ holder: 'clerk' }))
      .thenRejected('may-not-revoke'));
  test('is taken until the end of the last day that a person holds the seat, in the city', () => {
    const lastDay = (at: string) => record({ at, zone: 'America/Denver', roster: roster({ mayor: { to: date(10) } }) });
    from(revocations)
      .when(lastDay(day(11, '05:59:59.999')))
      .then(recorded({ at: day(11, '05:59:59.999') }));
    from(revocations)
      .when(lastDay(day(11, '06:00:00.000')))
      .thenRejected('may-not-revoke');
  });
  test('is taken after a refusal, which may have been taken back since', () => {
    const refused = stateOf(city().feat(notify(day(0), 1), certify(day(10), 1, { votes: rollOf(3, 10) })));
    from(revocations)
      .when(record({ feature: refused }))
      .then(recorded());
  });
  test('is taken while what can be read is open, since the approval may be what cannot be', () =>
    from(revocations)
      .when(record({ feature: stateOf(city().feat(notify(day(0), 1), certify(day(10), 1))) }))
      .then(recorded()));
  test('names a file for a body that votes', () =>
    from(revocations).when(record(clerk)).thenRejected('file-number-missing', '/fileNumber'));
  test('is refused to a member of a body that votes', () =>
    from(revocations)
      .when(record({ ...clerk, holder: 'district-1', body: 'council', seat: 'district-1', fileNumber: 'R-1' }))
      .thenRejected('may-not-revoke'));
  test('is refused to a board that only advises', () =>
    from(revocations)
      .when(
        record({
          requirement: 'advice',
          holder: 'board-1',
          body: 'board',
          seat: 'board-1',
          feature: stateOf(city(withAdvice).feat(notify(day(0), 1))),
        }),
      )
      .thenRejected('may-not-revoke'));
  test('is taken by the link alone where neither officials nor the feature can be read', () =>
    from(revocations)
      .when(record({ ...clerk, holder: 'somebody', roster: null, feature: initialState }))
      .then(recorded({ ...clerk, holder: 'somebody' })));
});

describe('what a recorded revocation ends', () => {
  const against = (over: Partial<RevocationRecorded>, state = approved) => {
    const event = recorded(over);
    return recordedAgainst(revocationDecider.evolve({}, event), state) === undefined ? 'nothing' : 'the approval';
  };
  test.each<[string, Partial<RevocationRecorded>, string]>([
    ['the approval of its change', {}, 'the approval'],
    ['also one that was given later', { at: day(5) }, 'the approval'],
    ['not one of another change', { change: 2 }, 'nothing'],
    ['not one of another feature', { key: 'acme.lpr' }, 'nothing'],
    ['not by a body that did not have to approve', { requirement: 'board' }, 'nothing'],
  ])('%s', (_, over, ended) => expect(against(over)).toBe(ended));

  test('not by a body whose refusal was overridden in that approval', () => {
    const log = city()
      .feat(notify(day(0), 1), certify(day(10), 1), refuse(day(11), 1), override(day(12), 1))
      .confirmLast(day(13), 1);
    expect(against({}, stateOf(log))).toBe('nothing');
    from(revocations)
      .when(record({ feature: stateOf(log) }))
      .thenRejected('may-not-revoke');
    const open = stateOf(log).changes.map((change) => ({ ...change, status: 'pending' as const }));
    from(revocations)
      .when(record({ feature: { ...stateOf(log), changes: open } }))
      .then(recorded());
    expect(against(clerk, stateOf(log))).toBe('the approval');
  });

  test('so that its feature cannot be read, and no other', () => {
    const state = revocationDecider.evolve({}, recorded());
    expect(headUnder(state, approved)).toBe(UNREADABLE);
    expect(headUnder({}, approved)).toStrictEqual(headWith(approved));
    expect(headUnder(state, null)).toBe(ABSENT);
  });

  test('hundreds fit the state, if a whole city is switched off while nothing can be read', () => {
    const keys = Array.from({ length: 500 }, (_, n) => `northcam.plate-readers.feature-${n}`);
    const state = keys.reduce((before, key) => revocationDecider.evolve(before, recorded({ key })), {});
    expect(revokedKeys(state)).toEqual(new Set(keys));
    expect(JSON.stringify(state).length).toBeLessThan(STATE_BYTES_MAX);
  });

  test('nothing while the change is not approved', () =>
    expect(against({}, stateOf(city().feat(notify(day(0), 1), certify(day(10), 1))))).toBe('nothing'));
  test('nothing any more once the next change is in force', () => {
    const next = city().feat(notify(day(0), 1), ...adoption(1), notify(day(20), 2), ...adoption(2, {}, 20));
    expect(against({ at: day(60) }, stateOf(next))).toBe('nothing');
    from(revocations)
      .when(record({ feature: stateOf(next) }))
      .thenRejected('not-in-force');
  });
});
