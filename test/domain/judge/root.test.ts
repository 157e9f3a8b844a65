import { expect, test } from 'vitest';
import { softwareKey } from '../../support/authenticator.ts';
import { thirteenSeats } from '../../support/fixtures/city.ts';
import { codeOfLast } from '../../support/judged.ts';
import { certify, day, notify, sign } from '../feature/support.ts';
import { enrolled, GATE, leaveWithKey, letIn, newPasskey, withKey } from './forger.ts';
import { city, type Log, MEMBER } from './log.ts';

// What an operator with every key can still forge where each decision needs a passkey: acts under keys that the operator enrolled in the
// names of officials. docs/security.md says so. Each leaves events that a reader of the log sees.

const forged = { clerk: softwareKey(GATE), mayor: softwareKey(GATE) };
const own = softwareKey(GATE);
const strict = () => city({ ...thirteenSeats, passkeys: 'required' });
/** The acts of clerk and mayor under the operator's keys, enrolled at `since`. */
const acts = (log: Log, since: string): Log =>
  log.feat(
    notify(day(0), 1),
    withKey(certify(day(10), 1), 'clerk', forged.clerk, since),
    withKey(sign(day(11), 1), 'mayor', forged.mayor, since),
  );
const types = ({ commits }: Log) => commits.flatMap(({ events }) => events.map(({ type }) => type));

test('root can enrol a first passkey in the name of an official who has none', () => {
  const log = acts(enrolled(enrolled(strict(), 'clerk', forged.clerk), 'mayor', forged.mayor), day(0));
  expect(codeOfLast(log.bytes)).toBe('stands');
  expect(types(log).filter((type) => type === 'PasskeyEnrolled')).toHaveLength(2);
});

test('root cannot reset an official’s passkey: two persons must confirm it, and each with a passkey', () => {
  const log = () => enrolled(enrolled(strict(), 'clerk', forged.clerk), 'mayor', own);
  const alone = { type: 'PasskeysReset', v: 1, at: day(1), holder: 'mayor', generation: 1, by: null };
  expect(codeOfLast(log().write('roster', [alone], { at: day(1), actor: 'operator' }).bytes)).toBe('roster-confirmer');
  const proposed = log().resetPasskeys('mayor', day(1));
  expect(codeOfLast(proposed.bytes)).toBe('stands');
  expect(codeOfLast(proposed.confirmRoster(MEMBER, day(1)).bytes)).toBe('passkey-missing');
});

test('root cannot add a passkey beside the official’s own: without the signature of that one it does not stand', () => {
  const log = () => enrolled(enrolled(strict(), 'clerk', forged.clerk), 'mayor', own);
  const beside = newPasskey('mayor', forged.mayor);
  const by = (key: typeof own) => ({ assertion: leaveWithKey(beside, day(1), key) });
  const forgeries = [{}, by(forged.mayor), by(forged.clerk)].map((leave) =>
    codeOfLast(enrolled(log(), 'mayor', forged.mayor, day(1), 'passkey', leave).bytes),
  );
  expect(forgeries).toEqual(['passkey-missing', 'passkey', 'passkey-shared']);
  expect(codeOfLast(letIn(log(), 'mayor', own, forged.mayor).bytes)).toBe('stands');
});

test('without an event of its own no key counts', () => {
  const log = enrolled(enrolled(strict(), 'clerk', forged.clerk), 'mayor', own);
  expect(codeOfLast(acts(log, day(0)).bytes)).toBe('passkey');
});
