import type { Grant } from '../../../../domain/ending/events.ts';
import { thirteenSeats } from '../../../support/fixtures/city.ts';
import { enteredBy } from '../../../support/fixtures/vendor.ts';
import { certify, day, notify } from '../../feature/support.ts';
import { edited, enrolled, of, tampered, withKey } from '../forger.ts';
import { city, type Log, tokenNamed } from '../log.ts';
import { endBeside } from '../recordedStories.ts';
import { type Forgery, keys, OPERATOR } from './base.ts';

const KEY: Grant = { kind: 'vendor-key', vendor: 'acme', key: 'k1' };
const LINKS: Grant = { kind: 'links', holder: 'clerk' };
const idOf = (name: string, person: string | null): Grant => ({
  kind: 'token',
  sha256: tokenNamed(name, person).slice('access/token/'.length),
});

const observedBy = (log: Log): Log => {
  const seen = { source: 'a look', observedAt: day(1), features: { acme: true }, evidence: null };
  return log.write('observation/acme', [{ type: 'ObservationRecorded', v: 1, at: day(1), ...seen }], {
    at: day(1),
    actor: 'token:it',
  });
};

const FORM = 'f'.repeat(64);
const byForm = (log: Log): Log => {
  const key = FORM.slice(0, 16);
  const provenance = { ...enteredBy(null, day(1)), channel: 'form', by: 'vendor:acme', key, heardAt: null };
  return tampered(log.feat(notify(day(1), 1, { provenance })), { actor: `form:${key}` });
};
const withForm = (): Log =>
  city().write(
    `access/form/${FORM}`,
    [{ type: 'FormIssued', v: 1, at: day(-3), vendor: 'acme', expiresAt: day(20) }],
    OPERATOR(day(-3)),
  );

/** The clerk certifies with a passkey that was ended beside the roster three days before. */
const byPasskey = (): Log => {
  const log = enrolled(city({ ...thirteenSeats, passkeys: 'required' }), 'clerk', keys.clerk, day(-2));
  endBeside(log, { kind: 'passkeys', holder: 'clerk' }, day(7));
  return log.feat(notify(day(8), 1), withKey(certify(day(18), 1), 'clerk', keys.clerk, day(-2)));
};

/** Forgeries with and of endings that are recorded beside what they end. */
export const ENDINGS: readonly Forgery[] = [
  ['an ending by an official', 'actor', () => tampered(endBeside(city(), KEY, day(0)), { actor: 'holder:clerk' })],
  [
    'a key ended twice',
    'already-decided',
    () => endBeside(city(), KEY, day(0)).write('ending', endBeside(city(), KEY, day(1)).last.events, OPERATOR(day(1))),
  ],
  [
    'links ended for the third time after the first',
    'number',
    () => edited(endBeside(endBeside(city(), LINKS, day(0)), LINKS, day(1), 2), of('EndingRecorded', { number: 3 })),
  ],
  [
    'an observation by a token that was ended beside',
    'actor',
    () => observedBy(endBeside(city().token('it', null, 'observe'), idOf('it', null), day(0))),
  ],
  ['a notice by a key that was ended beside', 'vendor-key', () => endBeside(city(), KEY, day(0)).feat(notify(day(1), 1))],
  [
    'a notice by a form that was ended beside',
    'actor',
    () => byForm(endBeside(withForm(), { kind: 'form', sha256: FORM }, day(0))),
  ],
  ['a decision by a passkey that was ended beside', 'passkey', byPasskey],
];
