import { thirteenSeats } from '../../../support/fixtures/city.ts';
import { certify, day, notify } from '../../feature/support.ts';
import { disposalWithKey, edited, enrolled, of, tampered, withKey } from '../forger.ts';
import { city, type Log, tokenNamed } from '../log.ts';
import { askDisposal, commented, disclose, dispose, requested, STREAM, withhold } from '../redactionStory.ts';
import { type Forgery, keys } from './base.ts';

const DEPUTY = { holder: 'deputy-clerk', body: 'clerk', seat: 'deputy-clerk' };
const asked = (person: string | null = 'mayor'): Log =>
  askDisposal(
    city()
      .token('records', person, 'admin')
      .feat(notify(day(0), 1), certify(day(10), 1, { comment: commentIn(commented()) })),
    day(12),
    person,
  );
const commentIn = (log: Log): string => (log.last.events[0] as unknown as { comment: string }).comment;
const gone = (): Log => dispose(asked(), day(13));
const by = (holder: string, body: string, seat: string): Log =>
  tampered(edited(gone(), of('TextDisposed', { holder, body, seat })), { actor: `holder:${holder}` });
const again = (log: Log, at: string): Log =>
  log.write(
    STREAM,
    log.last.events.map((event) => ({ ...event, at })),
    { at, actor: log.last.actor },
  );

const withKeys = (): Log => {
  const base = enrolled(city({ ...thirteenSeats, passkeys: 'required' }), 'clerk', keys.clerk).token('records', null, 'admin');
  const certified = withKey(certify(day(10), 1, { comment: commentIn(commented()) }), 'clerk', keys.clerk);
  return askDisposal(base.feat(notify(day(0), 1), certified), day(12), null);
};

/** Forgeries of orders about officials' texts. */
export const REDACTIONS: readonly Forgery[] = [
  [
    'a redaction in the stream of another text',
    'stream',
    () => tampered(withhold(commented(), day(12)), { stream: 'redaction/00' }),
  ],
  [
    'a redaction in the name of another token',
    'actor',
    () => edited(withhold(commented(), day(12)), of('TextWithheld', { by: 'token:x' })),
  ],
  [
    'a redaction by a token that may only read',
    'actor',
    () => {
      const log = withhold(commented().token('reader', null, 'state:read'), day(12));
      return tampered(edited(log, of('TextWithheld', { by: 'token:reader' })), { actor: 'token:reader' });
    },
  ],
  [
    'a redaction by a token that had been revoked',
    'actor',
    () => {
      const log = withhold(commented(), day(12));
      const order = log.commits.pop() ?? log.last;
      return log
        .write(tokenNamed('records', 'mayor'), [{ type: 'TokenRevoked', v: 1, at: day(11) }], { at: day(11), actor: 'operator' })
        .write(order.stream, order.events, order);
    },
  ],
  [
    'a disposal asked for without a name, by a person’s token',
    'actor',
    () => edited(asked(), of('DisposalRequested', { person: null })),
  ],
  [
    'a redaction of what was never said',
    'redaction',
    () => edited(withhold(commented(), day(12)), of('TextWithheld', { version: 99 })),
  ],
  [
    'a redaction of a text of another feature’s stream',
    'redaction',
    () => edited(withhold(commented(), day(12)), of('TextWithheld', { stream: 'feature/other' })),
  ],
  [
    'a redaction of a change, in the roster',
    'redaction',
    () => edited(withhold(commented(), day(12)), of('TextWithheld', { stream: 'roster', version: 1 })),
  ],
  [
    'a redaction of no change, in a feature',
    'redaction',
    () => edited(withhold(commented(), day(12)), of('TextWithheld', { key: null, change: null })),
  ],
  [
    'a redaction of a revocation that is not recorded',
    'redaction',
    () => edited(withhold(commented(), day(12)), of('TextWithheld', { stream: 'revocation', version: 1 })),
  ],
  ['a disposal of a notice', 'redaction', () => edited(asked(), of('DisposalRequested', { what: 'notice' }))],
  ['a text withheld twice', 'already-decided', () => again(withhold(commented(), day(12)), day(13))],
  ['a text shown that is not withheld', 'redaction', () => again(disclose(withhold(commented(), day(12)), day(13)), day(14))],
  ['a second request to dispose of a text', 'already-decided', () => again(asked(), day(13))],
  [
    'an order about a text that is gone',
    'already-decided',
    () =>
      gone().write(STREAM, disclose(withhold(commented(), day(13)), day(14)).last.events, {
        at: day(14),
        actor: 'token:records',
      }),
  ],
  [
    'a disposal that was not asked for',
    'no-act',
    () => withhold(commented(), day(12)).write(STREAM, gone().last.events, gone().last),
  ],
  ['a disposal under another order', 'no-act', () => edited(gone(), of('TextDisposed', { request: `sha256:${'0'.repeat(64)}` }))],
  ['a disposal confirmed in another’s name', 'actor', () => tampered(gone(), { actor: 'holder:mayor' })],
  [
    'a disposal by the one who asked for it',
    'same-person',
    () =>
      tampered(
        edited(dispose(asked('clerk'), day(13), undefined, DEPUTY), of('TextDisposed', { holder: 'clerk', seat: 'clerk' })),
        {
          actor: 'holder:clerk',
        },
      ),
  ],
  ['a disposal by an official who is not a clerk', 'redaction', () => by('auditor', 'auditor', 'auditor')],
  ['a disposal by a person who holds no office', 'not-in-office', () => by('stranger', 'clerk', 'clerk')],
  ['a disposal under a roster that is not in force', 'other-roster', () => edited(gone(), of('TextDisposed', { roster: 2 }))],
  ['a disposal without the passkey that is asked for', 'passkey-missing', () => dispose(withKeys(), day(13))],
  [
    'a disposal with a passkey under another request',
    'passkey',
    () => {
      const log = withKeys();
      const clerk = { holder: 'clerk', body: 'clerk', seat: 'clerk' };
      const assertion = disposalWithKey({ request: requested(log), ...clerk, seat: 'deputy-clerk' }, day(13), keys.clerk);
      return edited(dispose(log, day(13)), of('TextDisposed', { assertion }));
    },
  ],
];
