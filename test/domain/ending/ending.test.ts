import { describe, expect, test } from 'vitest';
import { endingDecider } from '../../../domain/ending/decide.ts';
import { EndingRecorded, type Grant } from '../../../domain/ending/events.ts';
import { EndingState, endedBy, endingOf } from '../../../domain/ending/state.ts';
import { given as from } from '../../support/given.ts';
import { day } from '../feature/support.ts';

const endings = {
  decider: endingDecider,
  parseEvent: (json: unknown) => EndingRecorded.parse(json),
  parseState: (json: unknown) => EndingState.parse(json),
};
const recorded = (grant: Grant, number = 1, at = day(0)): EndingRecorded => ({ type: 'EndingRecorded', v: 1, at, grant, number });
const links: Grant = { kind: 'links', holder: 'clerk' };
const GRANTS: readonly Grant[] = [
  { kind: 'token', sha256: 'a'.repeat(64) },
  { kind: 'form', sha256: 'a'.repeat(64) },
  { kind: 'vendor-key', vendor: 'acme', key: 'k1' },
  { kind: 'vendor-key', vendor: 'acme', key: 'k2' },
  { kind: 'passkeys', holder: 'clerk' },
  links,
];

describe('an ending beside the stream that made what ends', () => {
  test.each(GRANTS)('$kind is ended once however often it is asked for', (grant) =>
    from(endings)
      .when({ at: day(0), grant, number: 1 })
      .then(recorded(grant)),
  );
  test('links are ended again, since new ones were made', () =>
    from(endings, recorded(links))
      .when({ at: day(1), grant: links, number: 2 })
      .then(recorded(links, 2, day(1))));
  test('of two who ask at a time one is recorded', () =>
    from(endings, recorded(links, 1), recorded(links, 2, day(1)))
      .when({ at: day(2), grant: links, number: 2 })
      .thenNothing());
  test('no number is left out', () =>
    from(endings)
      .when({ at: day(0), grant: links, number: 5 })
      .thenNothing());
});

test('each ends what it names, and nothing else', () => {
  for (const grant of GRANTS) {
    const state = endingDecider.evolve({}, recorded(grant));
    expect(GRANTS.filter((each) => endingOf(state, each) !== undefined)).toEqual([grant]);
  }
});

test('the earlier of two endings counts', () => {
  const state = endingDecider.evolve({}, recorded(links, 1, day(5)));
  const ends = [null, day(4), day(6)].map((at) => endedBy(state, links, at));
  expect(ends).toEqual([day(5), day(4), day(5)]);
  expect(endedBy({}, links, null)).toBeNull();
});
