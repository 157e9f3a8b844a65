import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { thirteenSeats } from '../../../support/fixtures/city.ts';
import { BY_OPERATOR, enteredBy, signedByVendor } from '../../../support/fixtures/vendor.ts';
import { adoption, contest, day, facts, notify, revise, withdraw, wordsOf } from '../../feature/support.ts';
import { otherPolicy } from '../cityStories.ts';
import { edited, of, tampered } from '../forger.ts';
import { city, Log, tokenNamed } from '../log.ts';

import { type Forgery, OPERATOR, open } from './base.ts';

/** The log whose last notice was entered by the city. */
const asEntered = (log: Log, type: string): Log => {
  const { at } = log.last;
  return tampered(edited(log, of(type, { provenance: { ...enteredBy(null, at), by: 'token:operator' } })), {
    actor: 'token:operator',
  });
};

const FORM_ID = 'f0'.repeat(32);
const FORM = `access/form/${FORM_ID}`;
/** The log of a city in which a vendor has a form for eight days. */
const withForm = (vendor: string): Log =>
  city()
    .vendor('other')
    .write(
      FORM,
      [{ type: 'AccessIssued', v: 1, at: day(0), issued: { kind: 'form', vendor, expiresAt: day(8) } }],
      OPERATOR(day(0)),
    );
/** A notice of acme that came by the form. */
const byForm = (log: Log, at = day(1)): Log => {
  const key = FORM_ID.slice(0, 16);
  const provenance = { ...enteredBy(null, at), channel: 'form', by: 'vendor:acme', key, heardAt: null };
  return tampered(log.feat(notify(at, 1, { provenance })), { actor: `form:${key}` });
};

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
    'a key that was ended after it signed the message, minutes before the commit',
    'vendor-key',
    () => {
      const { commandId, events } = city().feat(notify(day(0), 1)).last;
      const { provenance = null, command = null } = events[0] ?? {};
      const ended = { type: 'KeyRetired', v: 1, at: day(0, '12:05:00.000'), key: 'k1', validUntil: day(0, '12:05:00.000') };
      const late = city()
        .write('vendor/acme', [ended], OPERATOR(ended.at))
        .feat(notify(day(0, '12:10:00.000'), 1));
      return tampered(edited(late, of('ChangeNotified', { provenance, command })), { commandId });
    },
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
  [
    'the words of an open change as another change',
    'other-words',
    () => edited(open().feat(notify(day(1), 2)), of('ChangeNotified', { digest: wordsOf(1) })),
  ],
  [
    'the words in force as another change',
    'other-words',
    () => edited(open().feat(...adoption(1), notify(day(20), 2)), of('ChangeNotified', { digest: wordsOf(1) })),
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
  [
    'a vendor’s words that the city rewords',
    'adds-only',
    () => asEntered(city().feat(notify(day(0), 1), revise(day(1), 1, 2)), 'ChangeRevised'),
  ],
  [
    'a removal that the city enters',
    'adds-only',
    () => asEntered(city().feat(notify(day(0), 1, { notice: facts({ kind: 'removal' }) })), 'ChangeNotified'),
  ],
  [
    'a notice that is entered by a token that was revoked',
    'actor',
    () =>
      city()
        .token('desk', null)
        .write(tokenNamed('desk'), [{ type: 'AccessRevoked', v: 1, at: day(-5) }], OPERATOR(day(-5)))
        .feat(notify(day(0), 1, { provenance: enteredBy(null, day(0)) })),
  ],
  [
    'a notice that is entered in the name of somebody else',
    'actor',
    () =>
      city()
        .token('desk', 'mayor')
        .feat(notify(day(0), 1, { provenance: enteredBy('clerk', day(0)) })),
  ],
  ['a notice by a form that was never issued', 'actor', () => byForm(city())],
  [
    'a notice by a form that was ended',
    'actor',
    () => byForm(withForm('acme').write(FORM, [{ type: 'AccessRevoked', v: 1, at: day(0) }], OPERATOR(day(0)))),
  ],
  ['a notice by a form that had expired', 'actor', () => byForm(withForm('acme'), day(9))],
  ['a notice by another vendor’s form', 'actor', () => byForm(withForm('other'))],
  [
    'a contest by a token that may only look',
    'actor',
    () => {
      const held = { ...NO_TERMS, maintenance: true };
      const update = facts({ kind: 'update', optOut: 'no' });
      return city()
        .token('it', null, 'observe')
        .feat(notify(day(0), 1), ...adoption(1, { terms: held }), notify(day(20), 2, { notice: update }), contest(day(21), 2));
    },
  ],
];
