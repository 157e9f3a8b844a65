import { withAdvice } from '../../../support/fixtures/city.ts';

import { day, notify, revoke, sign } from '../../feature/support.ts';
import { digest, edited, of, tampered } from '../forger.ts';
import { city, Log } from '../log.ts';

import { actedAs, approved, type Forgery, OPERATOR, open, passed } from './base.ts';

const documentKept = (): Log => city().document('a report', day(0));

/** Forgeries of commits that continue no stream. */
export const RECORDS: readonly Forgery[] = [
  ['a stream that no aggregate has', 'stream', () => city().write('elsewhere/acme', [{ type: 'X' }], OPERATOR(day(0)))],
  [
    'a notice in the stream of another key',
    'stream',
    () => tampered(open(), { stream: 'feature/acme.lpr', version: 1, prev: null }),
  ],
  ['a version left out', 'version', () => tampered(passed(), { version: 4 })],
  ['another past', 'previous', () => tampered(passed(), { prev: digest('another past') })],
  ['an earlier time', 'instant', () => tampered(passed(), { at: day(-1) })],
  ['an event of another time', 'instant', () => edited(passed(), of('VoteCertified', { at: day(9) }))],
  [
    'more events than a commit has',
    'size',
    () => tampered(open(), { events: Array.from({ length: 21 }, () => open().last.events[0] as never) }),
  ],
  ['a field that the type has not', 'schema', () => edited(open(), of('ChangeNotified', { enabled: true }))],
  [
    'before any time zone',
    'no-zone',
    () =>
      new Log()
        .setRoster()
        .adopt()
        .vendor()
        .feat(notify(day(0), 1)),
  ],
  [
    'an observation of another vendor',
    'observation',
    () =>
      city().write(
        'observation/acme',
        [
          {
            type: 'ObservationRecorded',
            v: 1,
            at: day(1),
            source: 'a look',
            observedAt: day(1),
            features: { other: false },
            evidence: null,
          },
        ],
        { at: day(1), actor: 'token:it' },
      ),
  ],
  ['a part of a document out of its order', 'document', () => edited(documentKept(), of('DocumentPartKept', { part: 2, of: 2 }))],
  ['a document in another’s stream', 'stream', () => edited(documentKept(), of('DocumentPartKept', { sha256: digest('x') }))],
  ['a document by an unknown token', 'actor', () => tampered(documentKept(), { actor: 'token:stranger' })],
  ['a document of another length than its parts', 'document', () => edited(documentKept(), of('DocumentPartKept', { of: 3 }))],
  [
    'an observation by a token that may only enter notices',
    'actor',
    () => {
      const seen = { source: 'a look', observedAt: day(1), features: { acme: true }, evidence: null };
      return city()
        .token('it', null)
        .write('observation/acme', [{ type: 'ObservationRecorded', v: 1, at: day(1), ...seen }], {
          at: day(1),
          actor: 'token:it',
        });
    },
  ],
  [
    'a revocation by who holds no office',
    'not-in-office',
    () => actedAs(approved().feat(revoke(day(20), 1)), 'stranger', 'mayor'),
  ],
  [
    'a revocation of what is not in force',
    'closed',
    () => passed().write('feature/acme', approved().feat(revoke(day(12), 1)).last.events, { at: day(12), actor: 'holder:mayor' }),
  ],
  [
    'advice on what needs none',
    'requirement',
    () =>
      open().write(
        'feature/acme',
        city(withAdvice)
          .feat(notify(day(0), 1))
          .feat({ ...sign(day(1), 1), type: 'advise', requirement: 'advice', holder: 'board-1' } as never).last.events,
        { at: day(1), actor: 'holder:board-1' },
      ),
  ],
  [
    'a repin to the same policy',
    'other-policy',
    () => {
      const log = open();
      return log.write(
        'feature/acme',
        [
          {
            type: 'PolicyPinned',
            v: 1,
            at: day(1),
            change: 1,
            revision: 1,
            pinned: (log.last.events[0] as { pinned: never }).pinned,
            voids: true,
          },
        ],
        OPERATOR(day(1)),
      );
    },
  ],
];
