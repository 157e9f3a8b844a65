import { softwareKey } from '../../../support/authenticator.ts';
import { thirteenSeats } from '../../../support/fixtures/city.ts';
import { certify, day, notify, sign } from '../../feature/support.ts';
import { edited, enrolled, GATE, leaveWithKey, letIn, newPasskey, of } from '../forger.ts';
import { CLERK, city, type Log, MEMBER } from '../log.ts';
import { type Forgery, keys, withPasskeys } from './base.ts';

const SPARE = softwareKey(GATE);
const both = () => enrolled(withPasskeys(), 'mayor', keys.mayor);
const removal = (credential: string, at: string) => [{ type: 'PasskeyRemoved', v: 1, at, holder: 'clerk', credential }];
const asClerk = (at: string) => ({ at, actor: 'holder:clerk' });

/** A second passkey of the clerk's, with the leave that `by` gives for what `over` changes. */
const second = (by: typeof SPARE, over: Partial<ReturnType<typeof newPasskey>> = {}, log: Log = both()): Log =>
  enrolled(log, 'clerk', SPARE, day(1), 'passkey', {
    assertion: leaveWithKey({ ...newPasskey('clerk', SPARE), ...over }, day(1), by),
  });

/** An approval of which the mayor's part is by the link alone, days after the mayor's only passkey was reset. */
const afterReset = (): Log => {
  const log = enrolled(city({ ...thirteenSeats, passkeys: 'when-enrolled' }), 'mayor', keys.mayor);
  log.resetPasskeys('mayor', day(1), CLERK).confirmRoster(CLERK, day(1)).confirmRoster(MEMBER, day(1));
  return log.feat(notify(day(2), 1), certify(day(12), 1), sign(day(13), 1));
};

/** Forgeries of the leave by which an earlier passkey lets in another. */
export const LEAVES: readonly Forgery[] = [
  ['the link alone after the passkeys of its person were reset', 'passkey-missing', afterReset],
  [
    'another passkey without the signature of an earlier one',
    'passkey-missing',
    () => enrolled(both(), 'clerk', SPARE, day(1), 'passkey'),
  ],
  [
    'a first passkey that is let in by an earlier one',
    'passkey-missing',
    () => {
      const leave = leaveWithKey(newPasskey('mayor', SPARE), day(1), keys.clerk);
      return enrolled(withPasskeys(), 'mayor', SPARE, day(1), 'link', { assertion: leave });
    },
  ],
  ['a leave for another credential', 'passkey', () => second(keys.clerk, { credential: softwareKey(GATE).id })],
  ['a leave for another public key', 'passkey', () => second(keys.clerk, { publicKey: softwareKey(GATE).publicKey })],
  ['a leave for the same key in another encoding', 'passkey', () => second(keys.clerk, { cose: 'AAAA' })],
  ['a leave for another person’s passkey', 'passkey', () => second(keys.clerk, { holder: 'mayor' })],
  ['a leave for the passkeys after a reset', 'passkey', () => second(keys.clerk, { generation: 1 })],
  ['a passkey that lets itself in', 'passkey', () => second(SPARE)],
  ['a leave by another person’s passkey', 'passkey-shared', () => second(keys.mayor)],
  [
    'a leave by a passkey that was removed long ago',
    'passkey',
    () => {
      const removed = softwareKey(GATE);
      const log = letIn(both(), 'clerk', keys.clerk, removed, day(0, '13:00:00.000'));
      log.write('access/passkeys/clerk', removal(removed.id, day(0, '14:00:00.000')), asClerk(day(0, '14:00:00.000')));
      const assertion = leaveWithKey(newPasskey('clerk', SPARE), day(1), removed, day(0, '13:00:00.000'));
      const enrolment = { at: day(0, '13:00:00.000'), by: 'passkey' as const };
      return enrolled(log, 'clerk', SPARE, day(1), 'passkey', { assertion: { ...assertion, enrolled: enrolment } });
    },
  ],
  [
    'a leave by a passkey that is said to be enrolled at another time',
    'passkey',
    () => {
      const log = second(keys.clerk);
      const assertion = leaveWithKey(newPasskey('clerk', SPARE), day(1), keys.clerk, day(-1));
      return edited(log, of('PasskeyEnrolled', { assertion }));
    },
  ],
  [
    'an earlier leave for a passkey that was removed since',
    'passkey',
    () => {
      const soon = day(1, '12:05:00.000');
      const log = second(keys.clerk);
      const [event = {}] = log.last.events;
      return log
        .write('access/passkeys/clerk', removal(SPARE.id, day(1, '12:02:00.000')), asClerk(day(1, '12:02:00.000')))
        .write('access/passkeys/clerk', [{ ...event, at: soon }], asClerk(soon));
    },
  ],
];
