import { thirteenSeats } from '../../../support/fixtures/city.ts';
import { BY_OPERATOR, signedByVendor } from '../../../support/fixtures/vendor.ts';
import { day, notify, withdraw } from '../../feature/support.ts';
import { edited, of, tampered } from '../forger.ts';
import { city, Log } from '../log.ts';
import { otherPolicy } from '../stories.ts';

import { type Forgery, OPERATOR, open } from './base.ts';

/** Forgeries of notices that no vendor sent. */
export const NOTICES: readonly Forgery[] = [
  [
    'a vendor that was never added',
    'unknown-vendor',
    () =>
      new Log()
        .zone()
        .setRoster()
        .adopt()
        .feat(notify(day(0), 1)),
  ],
  [
    'a key that was ended',
    'vendor-key',
    () =>
      city()
        .write('vendor/acme', [{ type: 'KeyRetired', v: 1, at: day(-1), key: 'k1', validUntil: day(-1) }], OPERATOR(day(-1)))
        .feat(notify(day(0), 1)),
  ],
  [
    'a key of another id',
    'vendor-key',
    () => edited(open(), (event) => ({ ...event, provenance: { ...(event['provenance'] as object), key: 'k9' } })),
  ],
  ['a scheme that the policy forbids', 'vendor-key', () => city({ ...thirteenSeats, webhooks: ['v1'] }).feat(notify(day(0), 1))],
  [
    'a message without a signature',
    'provenance',
    () =>
      edited(open(), (event) => ({
        ...event,
        provenance: { ...signedByVendor('acme', 'msg_4', day(0), Buffer.from('x')), message: null },
      })),
  ],
  [
    'a message of another time',
    'provenance',
    () =>
      edited(open(), (event) => ({
        ...event,
        provenance: signedByVendor('acme', 'msg_4', day(-300), Buffer.from('x')),
      })),
  ],
  [
    'a withdrawal that no vendor signed',
    'provenance',
    () => edited(open().feat(withdraw(day(1), 1)), (event) => ({ ...event, provenance: { ...BY_OPERATOR } })),
  ],
  [
    'a notice for another vendor',
    'provenance',
    () =>
      tampered(open(), {
        stream: 'feature/other',
        version: 1,
        prev: null,
        events: open().last.events.map((event) => ({ ...event, key: 'other' })),
      }),
  ],
  ['a number that is not the next', 'number', () => edited(open(), of('ChangeNotified', { change: 7 }))],
  [
    'seventeen open changes',
    'too-many-open',
    () => {
      const log = city().feat(...Array.from({ length: 16 }, (_, index) => notify(day(0), index + 1)));
      const again = city().feat(...Array.from({ length: 16 }, (_, index) => notify(day(0), index + 1)), withdraw(day(0), 1)).last;
      const { command, ...frame } = log.framed('acme', notify(day(1), 17));
      const event = {
        ...log.last.events[0],
        ...('notice' in command ? { command: command.command, provenance: command.provenance, digest: command.digest } : again),
        change: 17,
        at: day(1),
        pinned: (city().feat(notify(day(1), 1)).last.events[0] as { pinned: never }).pinned,
      };
      return log.write('feature/acme', [event], frame);
    },
  ],
  [
    'a policy that is not in force',
    'other-policy',
    () => edited(open(), (event) => ({ ...event, pinned: { ...(event['pinned'] as object), policy: 2 } })),
  ],
  ['a new pin by the clock that voids decisions', 'actor', () => tampered(otherPolicy(), { actor: 'clock' })],
];
