import * as z from 'zod';
import { softwareKey } from '../../../support/authenticator.ts';
import { council, policy, roster, rule, signature } from '../../../support/fixtures/city.ts';
import { certify, correct, date, day, notify, override, rollOf } from '../../feature/support.ts';
import { edited, enrolled, GATE, letIn, of, tampered, withKey } from '../forger.ts';
import { city, type Log } from '../log.ts';
import { type Forgery, keys, vetoed, withPasskeys } from './base.ts';

const OVER = { yes: 'majority', of: 'seats' } as const;
/** A council whose certificates any of its members confirms. */
const confirmed = policy(rule([council({ threshold: OVER, confirmedBy: 'council' })]));
const certified = () => city(confirmed).feat(notify(day(0), 1), certify(day(10), 1));
const actOf = (log: Log): string => z.string().parse(log.last.events[0]?.['act']);

/** Forgeries of the second person who confirms a certificate. */
export const CONFIRMATIONS: readonly Forgery[] = [
  [
    'a clerk who confirms the own certificate',
    'same-person',
    () => {
      const sits = roster({ 'at-large-a': null, 'at-large-b': { id: 'clerk' } });
      const log = city(confirmed, sits).feat(
        notify(day(0), 1),
        certify(day(10), 1, { votes: { ...rollOf(11), 'at-large-a': 'vacant', 'at-large-b': 'absent' } }),
      );
      const like = certified().confirmLast(day(11), 1, { holder: 'at-large-b' }).last;
      const events = like.events.map((event) =>
        event['type'] === 'ConfirmationGiven' ? { ...event, holder: 'clerk', certificate: actOf(log) } : event,
      );
      return log.write('feature/acme', events, { at: day(11), actor: 'holder:clerk' });
    },
  ],
  [
    'a confirmation by who may not',
    'not-in-office',
    () => {
      const log = certified().confirmLast(day(11), 1);
      return tampered(edited(log, of('ConfirmationGiven', { holder: 'mayor', body: 'mayor', seat: 'mayor' })), {
        actor: 'holder:mayor',
      });
    },
  ],
  [
    'a confirmation of another certificate',
    'order',
    () => edited(certified().confirmLast(day(11), 1), of('ConfirmationGiven', { certificate: 'f'.repeat(16) })),
  ],
  [
    'who disputed a roll call confirms the next',
    'already-decided',
    () => {
      const disputed = () =>
        certified()
          .confirmLast(day(11), 1, { holder: 'at-large-b', decision: 'dispute' })
          .feat(correct(day(12), 1, { votes: rollOf(8, 1), meetingDate: date(10) }));
      const log = disputed().confirmLast(day(13), 1);
      return tampered(edited(log, of('ConfirmationGiven', { holder: 'at-large-b', seat: 'at-large-b' })), {
        actor: 'holder:at-large-b',
      });
    },
  ],
  [
    'a certificate that takes effect at once where a second person confirms',
    'consequence',
    () => {
      const atOnce = city(policy(rule([council(), signature('mayor')]))).feat(notify(day(0), 1), certify(day(10), 1)).last;
      const waiting = city(policy(rule([council({ confirmedBy: 'council' }), signature('mayor')]))).feat(notify(day(0), 1));
      return waiting.write('feature/acme', atOnce.events, atOnce);
    },
  ],
  [
    'an override without a confirmation',
    'order',
    () => {
      const done = vetoed()
        .feat(override(day(12), 1))
        .confirmLast(day(13), 1).last;
      const log = vetoed().feat(override(day(12), 1));
      const rest = done.events.slice(1).map((event) => ({ ...event, at: day(12) }));
      return tampered(log, { events: [...log.last.events, ...rest] });
    },
  ],
];

/** Forgeries with signatures of passkeys that were given for something else, and with passkeys that were never enrolled. */
export const SIGNATURES: readonly Forgery[] = [
  [
    'a signature that was gathered for later',
    'passkey',
    () => withPasskeys().feat(withKey(certify(day(10), 1), 'clerk', keys.clerk, day(0), 24 * 60)),
  ],
  [
    'one challenge under two acts',
    'passkey',
    () => {
      const both = [certify(day(10), 1), certify(day(10), 2)].map((each) => withKey(each, 'clerk', keys.clerk));
      return withPasskeys().feat(notify(day(1), 2), ...both);
    },
  ],
  [
    'a passkey that was removed long ago',
    'passkey',
    () => {
      const spare = softwareKey(GATE);
      const removed = { type: 'PasskeyRemoved', v: 1, at: day(2), holder: 'clerk', credential: spare.id };
      return letIn(withPasskeys(), 'clerk', keys.clerk, spare)
        .write('access/passkeys/clerk', [removed], { at: day(2), actor: 'holder:clerk' })
        .feat(withKey(certify(day(10), 1), 'clerk', spare, day(1)));
    },
  ],
  ['a second passkey by a link', 'passkey-missing', () => enrolled(withPasskeys(), 'clerk', softwareKey(GATE), day(1), 'link')],
  [
    'a new passkey after a reset that never was',
    'passkey-shared',
    () => enrolled(withPasskeys(), 'clerk', softwareKey(GATE), day(1), 'reset', { generation: 1 }),
  ],
  [
    'a passkey that another person claimed',
    'passkey-shared',
    () => {
      const log = enrolled(withPasskeys(), 'mayor', softwareKey(GATE), day(1));
      const [event = {}] = log.last.events;
      const { id, publicKey } = keys.clerk;
      return edited(log, of('PasskeyEnrolled', { ...event, credential: id, publicKey }));
    },
  ],
];
