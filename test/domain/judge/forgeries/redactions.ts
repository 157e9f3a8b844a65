import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { day, notify } from '../../feature/support.ts';
import { edited, of, tampered } from '../forger.ts';
import { type Log, tokenNamed } from '../log.ts';
import { commented, disclose, STREAM, withhold } from '../redactionStory.ts';
import type { Forgery } from './base.ts';

const again = (log: Log, at: string): Log =>
  log.write(
    STREAM,
    log.last.events.map((event) => ({ ...event, at })),
    { at, actor: log.last.actor },
  );

/** An order about the comment of a vote, whose place or object is another. */
const about = (over: JsonObject): Log => edited(withhold(commented(), day(12)), of('TextWithheld', over));

/** Forgeries of orders about what is shown. */
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
        .write(tokenNamed('records', 'mayor'), [{ type: 'AccessRevoked', v: 1, at: day(11) }], { at: day(11), actor: 'operator' })
        .write(order.stream, order.events, order);
    },
  ],
  ['a redaction of what was never said', 'redaction', () => about({ version: 99 })],
  ['a redaction of a text of another feature’s stream', 'redaction', () => about({ stream: 'feature/other' })],
  ['a redaction of a change, in the roster', 'redaction', () => about({ stream: 'roster', version: 1 })],
  ['a redaction of no change, in a feature', 'redaction', () => about({ key: null, change: null, revision: null })],
  ['a redaction of a revocation that is not recorded', 'redaction', () => about({ stream: 'revocation', version: 1 })],
  ['an order about a change that has no such text', 'redaction', () => about({ change: 2, revision: null })],
  ['an order about a revision that has no such text', 'redaction', () => about({ revision: 2 })],
  ['an order about a feature that has no such text', 'redaction', () => about({ key: 'other', revision: null })],
  ['an order about a notice whose bytes are none', 'redaction', () => about({ what: 'notice' })],
  [
    'an order about another vendor’s document, in the name of a change without it',
    'redaction',
    () => {
      const log = commented();
      const [notified] = log.commits.flatMap(({ events }) => events).filter(({ type }) => type === 'ChangeNotified');
      const sha256 = notified?.['digest'] as string;
      const other = withhold(log.feat(notify(day(11), 2)), day(12));
      const stream = `redaction/${sha256.slice('sha256:'.length)}`;
      const forged = edited(
        other,
        of('TextWithheld', { what: 'notice', commitment: sha256, version: 3, change: 2, revision: 1 }),
      );
      return tampered(forged, { stream });
    },
  ],
  ['a text withheld twice', 'already-decided', () => again(withhold(commented(), day(12)), day(13))],
  [
    'a text withheld everywhere, and then at its place alone',
    'already-decided',
    () => edited(again(withhold(commented(), day(12), true), day(13)), of('TextWithheld', { everywhere: false })),
  ],
  ['a text shown that is not withheld', 'redaction', () => again(disclose(withhold(commented(), day(12)), day(13)), day(14))],
  [
    'a text shown at a place that no order names',
    'redaction',
    () => edited(disclose(withhold(commented(), day(12)), day(13)), of('TextDisclosed', { revision: null })),
  ],
];
